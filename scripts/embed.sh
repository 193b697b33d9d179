# Sourced by embed-sql.sh and embed-console.sh: writes a C file with the bytes of a folder's files, one entry per file.

# embed_files SCRIPT SHOWN FOLDER HEADER TYPE ARRAY FUNCTION FILE...
#   SHOWN: the folder as the first line names it; FOLDER: as seen from the C file; HEADER: without .h.
embed_files() {
    local script=$1 shown=$2 folder=$3 header=$4 type=$5 array=$6 function=$7 file name
    shift 7
    echo "// Written by scripts/$script: one entry per file of $shown/."
    echo "#include \"$header.h\""
    echo
    echo '#pragma clang diagnostic ignored "-Wc23-extensions"'
    for file in "$@"; do
        echo
        echo "static const unsigned char ${file//[^a-zA-Z0-9]/_}[] = {"
        echo "#embed \"$folder/$file\""
        echo '};'
    done
    echo
    echo "static const $type $array[] = {"
    for file in "$@"; do
        name=${file//[^a-zA-Z0-9]/_}
        echo "    {\"$file\", $name, sizeof $name},"
    done
    echo '};'
    echo
    echo "const $type *$function(ptrdiff_t *count) {"
    echo "    *count = sizeof $array / sizeof $array[0];"
    echo "    return $array;"
    echo '}'
}
