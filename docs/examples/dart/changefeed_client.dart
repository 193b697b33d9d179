// A client of odoo-changefeed's second API: a copy of records that follows an Odoo database. dart:io and dart:convert only.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:math';

const attempts = 8; // of one request, before the error is the caller's
const busy = [429, 502, 503, 504]; // answers that are worth asking again
const cursorProblems = ['cursor_mismatch', 'cursor_malformed'];
final random = Random();

Future<void> pauseFor(num seconds) => Future.delayed(Duration(milliseconds: (seconds * 1000).ceil()));

/// An answer that is not a success (RFC 9457): `code` says which, `body` has more.
class Problem implements Exception {
  Problem(this.status, this.body, this.retryAfter);

  final int status;
  final Map<String, dynamic> body;
  final int? retryAfter;

  String? get code => body['code'] as String?;

  @override
  String toString() => '$status $code: ${body['detail']}';
}

/// The records that the client holds, and how far it is, in one JSON file that is replaced as a whole: what is saved together
/// cannot be torn apart by a crash. An app would use tables of its own database and a transaction instead.
class Copy {
  Copy({this.path, required this.told}) {
    final file = path == null ? null : File(path!);
    if (file != null && file.existsSync()) content.addAll(jsonDecode(file.readAsStringSync()) as Map<String, dynamic>);
  }

  final String? path;
  final void Function(Map<String, dynamic> event) told;

  // to_take: models whose records are still to be listed; null is a copy that has not begun.
  // hashes: the data_hash of each record, to prove the copy by. A copy of an earlier client has none.
  final content = <String, dynamic>{
    'token': null, 'to_take': null, 'records': <String, dynamic>{}, 'hashes': <String, dynamic>{},
  };

  String? get token => content['token'] as String?;
  List<String>? get toTake => (content['to_take'] as List?)?.cast<String>();

  Map<String, dynamic> records(String model) => part('records', model);
  Map<String, dynamic> hashes(String model) => part('hashes', model);

  Map<String, dynamic> part(String name, String model) =>
      (content[name] as Map<String, dynamic>).putIfAbsent(model, () => <String, dynamic>{}) as Map<String, dynamic>;

  /// Applies events. One that came before changes nothing: it carries the record's state, not a difference.
  void apply(List<Map<String, dynamic>> events, String token) {
    for (final event in events) {
      told(event);
      if (event['event'] == 'unlink') {
        drop(event['model'] as String, event['record_id'] as int);
      } else {
        keep(event['model'] as String, event);
      }
    }
    save({'token': token});
  }

  /// A page of a list.
  void put(String model, List<Map<String, dynamic>> page) {
    for (final record in page) {
      told({'event': 'list', 'model': model, ...record});
      keep(model, record);
    }
    save({});
  }

  /// The list of a model is complete: what it did not contain is gone.
  void taken(String model, Set<int> listed) {
    dropOthers(model, listed);
    save({'to_take': [...?toTake?.where((name) => name != model)]});
  }

  /// Drops what a list, of the whole model or of a range of ids, did not contain.
  void dropOthers(String model, Set<int> listed, [int from = 1, int? to]) {
    final others = records(model).keys.map(int.parse).where((id) => !listed.contains(id) && from <= id && (to == null || id <= to));
    for (final id in others.toList()..sort()) {
      told({'event': 'drop', 'model': model, 'record_id': id});
      drop(model, id);
    }
    save({});
  }

  /// The old token goes, too. `replace`: the records at hand may be of another time or nobody's business any more.
  void takeAnew(List<String> models, bool replace) {
    if (replace) {
      for (final model in models) {
        (content['records'] as Map<String, dynamic>).remove(model);
        (content['hashes'] as Map<String, dynamic>).remove(model);
      }
    }
    save({'token': null, 'to_take': <String>{...?toTake, ...models}.toList()..sort()});
  }

  void save(Map<String, dynamic> changes) {
    content.addAll(changes);
    if (path == null) return;
    File('$path.new').writeAsStringSync(jsonEncode(content), flush: true);
    File('$path.new').renameSync(path!);
  }

  void keep(String model, Map<String, dynamic> record) {
    records(model)['${record['record_id']}'] = record['data'];
    hashes(model)['${record['record_id']}'] = record['data_hash'];
  }

  void drop(String model, int id) {
    records(model).remove('$id');
    hashes(model).remove('$id');
  }
}

/// Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any moment and begun again with its copy.
class ChangeFeedClient {
  ChangeFeedClient(this.url, String device, this.copy,
      {String? key, String? session, String app = 'all', String? models, this.limit = 100, this.chunk})
      : headers = {if (key != null) 'Authorization': 'Bearer $key' else 'session_id': session ?? ''},
        device = {'device_id': device},
        scope = {'app_type': app, if (models != null) 'models': models};

  final String url;
  final Copy copy;
  final int limit;
  final int? chunk;
  final Map<String, String> device;
  final Map<String, String> scope;
  final http = HttpClient();
  Map<String, String> headers;

  /// Completes when the copy has everything, or, when nothing was new, after at most `wait` seconds.
  Future<void> sync([int wait = 0]) async {
    if (copy.toTake == null) await begin();
    var more = true;
    while (more) {
      for (final model in [...?copy.toTake]) {
        await take(model);
      }
      try {
        // Until nothing comes: has_more ends a batch, whose end may have been set before the app was started again.
        more = await pull(wait);
      } on Problem catch (problem) {
        await recover(problem);
      }
      wait = 0;
    }
  }

  /// Settles events. Again is no error and settles nothing.
  Future<int> acknowledge(List<int> eventIds) async =>
      (await post('acknowledge', {...device, 'event_ids': eventIds}))['acknowledged'] as int;

  Future<Map<String, dynamic>> state() => get('state', device);

  /// Starts over: the next sync takes every record anew.
  Future<void> reset([String to = 'now']) async {
    await post('reset', {...device, 'to': to});
    copy.save({'token': null, 'to_take': null, 'records': <String, dynamic>{}, 'hashes': <String, dynamic>{}});
  }

  /// Whether the copy of a model is what the service would give: null when there is something to pull first.
  Future<bool?> isRight(String model) async {
    final (differing, pullFirst) = await compare(model);
    return pullFirst ? null : differing.isEmpty;
  }

  /// Takes the ranges of ids anew in which the copy is not what the service would give, and says how many they were. Sync
  /// first: what is only late counts, too. A pull does not tell what other records decide (names, lists from their other
  /// side, sight), so call this when the app starts or once in a while.
  Future<int> mend(String model) async {
    final (differing, _) = await compare(model);
    for (final (from, to) in differing) {
      copy.dropOthers(model, await list(model, from, to), from, to);
    }
    return differing.length;
  }

  /// The dialect of clients that never acknowledge: a pull settles what the pull before gave, so that an answer that is lost on
  /// its way is lost. It carries no data. For apps that cannot be changed; new ones use `sync`.
  Future<void> olderSync(int userId) async {
    final session = headers['session_id'];
    if (session != null) headers = {'X-Session-Id': session};
    var more = true;
    while (more) {
      final answer = await post('pull', {
        ...device, 'user_id': userId, 'app_type': scope['app_type'], 'models_filter': scope['models']?.split(','),
        'limit': limit,
      });
      copy.apply(maps(answer['events']), answer['next_sync_token'] as String);
      more = answer['has_more'] as bool;
    }
  }

  /// A new copy lacks what was there before it: each model that the device follows is to be listed.
  Future<void> begin() async {
    try {
      await get('pull', {...device, ...scope, 'limit': '1', 'data': 'false'});
    } on Problem catch (problem) {
      if (problem.status != 410) rethrow;
    }
    copy.takeAnew(((await state())['models'] as List).cast<String>(), true);
  }

  /// Lists a model. What changes meanwhile comes by the next pull.
  Future<void> take(String model) async {
    var listed = <int>{};
    try {
      listed = await list(model);
    } on Problem catch (problem) {
      // The user lost the right to it: nothing of it stays.
      if (problem.code != 'model_not_readable') rethrow;
    }
    copy.taken(model, listed);
  }

  /// Puts a model's records, or those of a range of ids, into the copy, page by page, and completes with their ids.
  Future<Set<int>> list(String model, [int? from, int? to]) async {
    final listed = <int>{};
    String? cursor;
    var complete = false;
    while (!complete) {
      final Map<String, dynamic> page;
      try {
        page = await get('snapshot', {
          ...device, 'model': model, 'limit': '$limit', 'hashes': 'true', if (from != null) 'from_id': '$from',
          if (to != null) 'to_id': '$to', if (cursor != null) 'cursor': cursor,
        });
      } on Problem catch (problem) {
        if (cursor == null || !cursorProblems.contains(problem.code)) rethrow;
        // Somebody began another list for this device: from the start.
        listed.clear();
        cursor = null;
        continue;
      }
      copy.put(model, maps(page['records']));
      listed.addAll(maps(page['records']).map((record) => record['record_id'] as int));
      cursor = page['next_cursor'] as String?;
      complete = page['complete'] as bool;
    }
    return listed;
  }

  /// The ranges of ids in which the copy differs from the service's digest, and whether something is to be pulled first.
  Future<(List<(int, int?)>, bool)> compare(String model) async {
    final starts = <int>[], counts = <int>[], sums = <int>[];
    void add(int from, int count, int sum) {
      starts.add(from);
      counts.add(count);
      sums.add(sum);
    }

    var pullFirst = false;
    int? next = 1;
    while (next != null) {
      var from = next;
      final digest = await get('digest', {...device, 'model': model, 'of': 'data', 'from_id': '$from'});
      pullFirst = pullFirst || digest['pull_first'] as bool;
      // Between those of the digest there is nothing, neither should there be in the copy.
      for (final bucket in maps(digest['buckets'])) {
        add(from, 0, 0);
        add(bucket['from_id'] as int, bucket['records'] as int, bucket['hash'] as int);
        from = (bucket['to_id'] as int) + 1;
      }
      add(from, 0, 0);
      next = digest['next_from_id'] as int?;
    }
    final records = copy.records(model), hashes = copy.hashes(model), unproven = <int>{};
    var at = 0;
    for (final id in records.keys.map(int.parse).toList()..sort()) {
      while (at + 1 < starts.length && starts[at + 1] <= id) {
        at++;
      }
      counts[at]--;
      sums[at] = (sums[at] - (hashes['$id'] as int? ?? 0)) % 0x1000000000000;
      if (records['$id'] != null && hashes['$id'] == null) unproven.add(at);
    }
    final differing = [
      for (var i = 0; i < starts.length; i++)
        if (counts[i] != 0 || sums[i] != 0 || unproven.contains(i)) (starts[i], i + 1 < starts.length ? starts[i + 1] - 1 : null),
    ];
    return (differing, pullFirst);
  }

  /// One page, and whether there was any. Acknowledged only after it was applied and saved: a crash means the same again.
  Future<bool> pull(int wait) async {
    final answer = await get('pull', {
      ...device, ...scope, 'limit': '$limit', 'hashes': 'true', if (wait > 0) 'wait': '$wait',
      if (copy.token != null) 'sync_token': copy.token!,
    }, 30 + wait);
    final events = maps(answer['events']);
    final token = answer['next_sync_token'] as String;
    final size = chunk ?? max(events.length, 1);
    for (var start = 0; start < events.length; start += size) {
      final part = events.sublist(start, min(start + size, events.length));
      copy.apply(part, token);
      await acknowledge([for (final event in part) event['id'] as int]);
    }
    if (token != copy.token) copy.save({'token': token});
    return events.isNotEmpty || answer['has_more'] as bool;
  }

  Future<void> recover(Problem problem) async {
    if (problem.status == 410) {
      copy.takeAnew((problem.body['models'] as List).cast<String>(), problem.body['mode'] == 'replace');
      await pauseFor(problem.retryAfter ?? 0);
    } else if (cursorProblems.contains(problem.code) && copy.token != null) {
      copy.save({'token': null}); // The device goes on where its acknowledgements left it.
    } else {
      throw problem;
    }
  }

  static List<Map<String, dynamic>> maps(dynamic list) => (list as List).cast<Map<String, dynamic>>();

  Uri address(String name, [Map<String, String>? query]) =>
      Uri.parse('$url/api/v2/sync/$name').replace(queryParameters: query);

  Future<Map<String, dynamic>> get(String name, Map<String, String> query, [int timeout = 30]) =>
      send('GET', address(name, query), null, timeout);

  Future<Map<String, dynamic>> post(String name, Object body) => send('POST', address(name), utf8.encode(jsonEncode(body)), 30);

  /// Asks again while the service or the network is busy or away: every call here may be made twice.
  Future<Map<String, dynamic>> send(String method, Uri address, List<int>? body, int timeout) async {
    for (var attempt = 0;; attempt++) {
      final isLast = attempt == attempts - 1;
      // Jitter, so that devices that lost the service together do not come back together.
      num pause = random.nextDouble() * min(60, 1 << attempt);
      try {
        return await once(method, address, body).timeout(Duration(seconds: timeout));
      } on Problem catch (problem) {
        if (!busy.contains(problem.status) || isLast) rethrow;
        final after = problem.retryAfter;
        if (after != null) pause = after + random.nextDouble();
      } on IOException {
        if (isLast) rethrow;
      } on TimeoutException {
        if (isLast) rethrow;
      }
      await pauseFor(pause);
    }
  }

  Future<Map<String, dynamic>> once(String method, Uri address, List<int>? body) async {
    final request = await http.openUrl(method, address);
    headers.forEach(request.headers.set);
    if (body != null) {
      request.headers.set('Content-Type', 'application/json');
      request.contentLength = body.length;
      request.add(body);
    }
    final response = await request.close();
    final text = await utf8.decodeStream(response);
    if (response.statusCode == 200) return jsonDecode(text) as Map<String, dynamic>;
    Object? problem;
    try {
      problem = jsonDecode(text);
    } on FormatException {
      problem = null; // A proxy's page.
    }
    throw Problem(response.statusCode, problem is Map<String, dynamic> ? problem : <String, dynamic>{},
        int.tryParse(response.headers.value('Retry-After') ?? ''));
  }
}

Future<void> main(List<String> arguments) async {
  const flags = ['once', 'die'];
  final values = <String, String>{};
  final positionals = <String>[];
  for (var i = 0; i < arguments.length; i++) {
    final argument = arguments[i];
    if (!argument.startsWith('--')) {
      positionals.add(argument);
    } else if (flags.contains(argument.substring(2))) {
      values[argument.substring(2)] = '';
    } else if (i + 1 < arguments.length) {
      values[argument.substring(2)] = arguments[++i];
    }
  }
  if (positionals.length != 1 || values['device'] == null || (values['key'] ?? values['session']) == null) {
    stderr.writeln('usage: changefeed_client.dart URL --key KEY | --session ID --device NAME [--app NAME] [--models A,B] '
        '[--copy FILE] [--limit N] [--chunk N] [--wait SECONDS] [--once] [--check MODEL] [--older USER] [--die]');
    exit(2);
  }
  int? number(String name) => values[name] == null ? null : int.parse(values[name]!);
  final copy = Copy(path: values['copy'], told: (event) => stdout.writeln(jsonEncode(event)));
  final arrange = values.containsKey('die') ? DyingClient.new : ChangeFeedClient.new;
  final client = arrange(positionals[0], values['device']!, copy,
      key: values['key'], session: values['session'], app: values['app'] ?? 'all', models: values['models'],
      limit: number('limit') ?? 100, chunk: number('chunk'));
  final user = number('older');
  if (user != null) {
    await client.olderSync(user);
  } else {
    await client.sync(number('wait') ?? 0);
  }
  final model = values['check'];
  var isRight = true;
  if (model != null) {
    final differed = await client.mend(model);
    final found = await client.isRight(model);
    stdout.writeln(jsonEncode({'check': model, 'differed': differed, 'is_right': found}));
    isRight = found ?? false;
  } else if (user == null && !values.containsKey('once')) {
    while (true) {
      await client.sync(number('wait') ?? 30);
    }
  }
  await stdout.flush();
  exit(isRight ? 0 : 1);
}

/// Is killed before its first acknowledgement: for tests.
class DyingClient extends ChangeFeedClient {
  DyingClient(super.url, super.device, super.copy,
      {super.key, super.session, super.app, super.models, super.limit, super.chunk});

  @override
  Future<int> acknowledge(List<int> eventIds) async {
    await stdout.flush();
    Process.killPid(pid, ProcessSignal.sigkill);
    return 0;
  }
}
