-- Foreign texts in findings and notices.

CREATE OR REPLACE FUNCTION changefeed.plain_line(value text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT btrim(regexp_replace(regexp_replace(value, '[[:space:]]+', ' ', 'g'),
                                E'[\\u0001-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]',
                                '?', 'g'))
$$;
COMMENT ON FUNCTION changefeed.plain_line(text) IS
    'A foreign text on one line, without characters that terminals and readers would interpret.';
