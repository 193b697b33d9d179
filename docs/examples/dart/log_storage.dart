// Storage of the Dart client: dart:io and dart:convert only. It was reviewed, but not run.
import 'dart:convert';
import 'dart:io';

/// Storage of a copy. An app with its own database implements these methods.
abstract class Storage {
  /// Everything or nothing, and on disk when it returns. Drops come first. state: names and values to
  /// store; put: rows of model, id, data, hash; drop: rows of model, id; dropModels: names; dropAll: whether
  /// all records go.
  void commit(Map<String, dynamic> change);

  /// The state from `commit`, by name.
  Map<String, dynamic> get state;

  /// The models that have records.
  List<String> get models;

  /// Pairs of id and data, by id.
  List<(int, Object?)> records(String model);

  /// Pairs of id and hash, by id.
  List<(int, int?)> hashes(String model);
}

/// In memory, and in a file to which each commit adds one line (the file of the JavaScript client). A line is complete,
/// or after a crash dropped at the next start. When most of the file is obsolete it is rewritten.
class LogStorage implements Storage {
  LogStorage(this.path) {
    if (path == null) return;
    final file = File(path!);
    final content = file.existsSync() ? file.readAsBytesSync() : <int>[];
    var end = content.indexOf(10);
    while (end >= 0) {
      final line = utf8.decode(content.sublist(size, end), allowMalformed: true);
      try {
        apply(jsonDecode(line) as Map<String, dynamic>);
      } on FormatException {
        if (end + 1 == content.length) break;
        throw FileSystemException('damaged at byte $size', path);
      }
      size = end + 1;
      end = content.indexOf(10, size);
    }
    log = file.openSync(mode: FileMode.append);
    // A line that a crash cut off was never acknowledged: the service sends it again.
    cutOff(log!);
    compactAt = 2 * size + allowance;
  }

  static const allowance = 4000000; // bytes by which a file may grow beyond its double before it is rewritten
  final String? path;
  RandomAccessFile? log;
  int size = 0, compactAt = allowance;
  final rows = <String, Map<int, (Object?, int?)>>{};

  @override
  final state = <String, dynamic>{};

  @override
  List<String> get models => [...rows.keys.where((model) => rows[model]!.isNotEmpty)]..sort();

  @override
  List<(int, Object?)> records(String model) => [for (final id in ids(model)) (id, rows[model]![id]!.$1)];

  @override
  List<(int, int?)> hashes(String model) => [for (final id in ids(model)) (id, rows[model]![id]!.$2)];

  List<int> ids(String model) => [...?rows[model]?.keys]..sort();

  @override
  void commit(Map<String, dynamic> change) {
    if (log != null) append(log!, change);
    apply(change);
    if (log != null && size > compactAt) compact();
  }

  void append(RandomAccessFile file, Map<String, dynamic> change) {
    final line = utf8.encode('${jsonEncode(change)}\n');
    try {
      file.writeFromSync(line);
      file.flushSync();
    } catch (_) {
      // Nothing may be appended to half a line.
      cutOff(file);
      rethrow;
    }
    size += line.length;
  }

  void cutOff(RandomAccessFile file) {
    file.truncateSync(size);
    file.setPositionSync(size);
  }

  void apply(Map<String, dynamic> change) {
    if (change['dropAll'] == true) rows.clear();
    (change['dropModels'] as List? ?? []).forEach(rows.remove);
    for (final key in change['drop'] as List? ?? []) {
      rows[key[0]]?.remove(key[1]);
    }
    for (final row in change['put'] as List? ?? []) {
      rows.putIfAbsent(row[0] as String, () => {})[row[1] as int] = (row[2], row[3] as int?);
    }
    state.addAll((change['state'] as Map?)?.cast<String, dynamic>() ?? {});
  }

  /// Writes the current content to a new file, which atomically replaces the old one.
  void compact() {
    size = 0;
    final file = File('$path.new').openSync(mode: FileMode.write);
    append(file, {'state': state});
    for (final model in models) {
      for (final id in ids(model)) {
        final (data, hash) = rows[model]![id]!;
        final line = utf8.encode('${jsonEncode({'put': [[model, id, data, hash]]})}\n');
        file.writeFromSync(line);
        size += line.length;
      }
    }
    file.flushSync();
    File('$path.new').renameSync(path!);
    log!.closeSync();
    log = file;
    compactAt = 2 * size + allowance;
  }
}
