// A client of odoo-changefeed's version 2: a copy of records that follows an Odoo database. dart:io and dart:convert
// only. It was reviewed and compared with the others, but not run.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:math';

import 'log_storage.dart';

const attempts = 8; // of one request, before the error is the caller's
const busy = [429, 502, 503, 504]; // answers that are worth a retry
const cursorProblems = ['cursor_mismatch', 'cursor_malformed'];
final random = Random();
// token: the last next_sync_token; to_take: models that a 410 named and that must still be listed; reset: the value for
// POST reset before the next pull; is_whole: the copy is of one point in time.
const fresh = <String, dynamic>{
  'token': null, 'to_take': <String>[], 'reset': null, 'user_id': null, 'is_whole': false, 'progress': null,
  'last_sync': null,
};

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

/// The answer is for another user than the copy's. The copy was dropped: sync again.
class OtherUser implements Exception {}

/// The client's records and its position. Related changes are stored in one transaction of the
/// storage.
class Copy {
  Copy(this.storage, {required this.told}) {
    state.addAll(storage.state);
  }

  final Storage storage;
  final void Function(Map<String, dynamic> event) told;
  final state = {...fresh};

  String? get token => state['token'] as String?;
  List<String> get toTake => (state['to_take'] as List).cast<String>();

  /// Stores changes of records together with those of the state.
  void commit(Map<String, dynamic> changed, {List<List<Object?>> put = const [], List<List<Object?>> drop = const [],
      List<String> dropModels = const [], bool dropAll = false}) {
    storage.commit({'state': changed, 'put': put, 'drop': drop, 'dropModels': dropModels, 'dropAll': dropAll});
    state.addAll(changed);
  }

  /// Applies events. A repeated one changes nothing: it has the record's state, not a difference.
  void apply(List<Map<String, dynamic>> events, Map<String, dynamic> changed) {
    final put = <String, List<Object?>>{}, drop = <String, List<Object?>>{};
    for (final event in events) {
      told(event);
      final key = '${event['model']} ${event['record_id']}';
      if (event['event'] == 'unlink') {
        put.remove(key);
        drop[key] = [event['model'], event['record_id']];
      } else {
        drop.remove(key);
        put[key] = row(event['model'] as String, event);
      }
    }
    commit(changed, put: [...put.values], drop: [...drop.values]);
  }

  /// A page of a list.
  void put(String model, List<Map<String, dynamic>> page) {
    for (final record in page) {
      told({'event': 'list', 'model': model, ...record});
    }
    commit({}, put: [for (final record in page) row(model, record)]);
  }

  /// Drops records that a list, of the whole model or of a range of ids, did not contain.
  void dropOthers(String model, Set<int> listed, {int from = 1, int? to, Map<String, dynamic> changed = const {}}) {
    final gone = [
      for (final (id, _) in storage.hashes(model))
        if (!listed.contains(id) && from <= id && (to == null || id <= to)) id,
    ];
    for (final id in gone) {
      told({'event': 'drop', 'model': model, 'record_id': id});
    }
    commit(changed, drop: [for (final id in gone) [model, id]]);
  }

  /// The list of a model is complete.
  void taken(String model, Set<int> listed) =>
      dropOthers(model, listed, changed: {'to_take': [...toTake.where((name) => name != model)]});

  /// The old token is dropped, too. `replace`: the present records may be stale or no longer visible to the user.
  void takeAnew(List<String> models, bool replace) =>
      commit({'token': null, 'to_take': <String>{...toTake, ...models}.toList()..sort(), 'is_whole': false},
          dropModels: replace ? models : []);

  /// Drops everything. The next sync resets the device, even if the app is killed before.
  void beginAgain(int? user) => commit({...fresh, 'user_id': user, 'reset': 'all'}, dropAll: true);

  static List<Object?> row(String model, Map<String, dynamic> record) =>
      [model, record['record_id'], record['data'], record['data_hash']];
}

/// Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any time and restarted with its copy.
class ChangeFeedClient {
  ChangeFeedClient(this.url, String device, this.copy,
      {String? key, String? session, String app = 'all', String? models, this.limit = 500, this.chunk, this.onStatus})
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
  final void Function(Map<String, dynamic> status)? onStatus;
  Map<String, String> headers;
  int? maxAttempts = attempts;
  bool connected = false;
  String? lastError;
  String shown = '';

  /// For the app to show. has_everything: the copy is complete as of last_sync; progress, during
  /// the first copy: `records` so far, and the estimated total (`estimate`).
  Map<String, dynamic> get status => {
        'connected': connected, 'has_everything': copy.state['is_whole'], 'progress': copy.state['progress'],
        'last_sync': copy.state['last_sync'], 'user_id': copy.state['user_id'], 'last_error': lastError,
      };

  /// Completes when the copy has everything, or, if there was nothing new, after at most `wait` seconds.
  Future<void> sync([int wait = 0]) async {
    var more = true;
    while (more) {
      try {
        if (copy.state['user_id'] == null) copy.commit({'user_id': (await who())['user_id']});
        final reset = copy.state['reset'];
        if (reset != null) {
          await post('reset', {...device, 'to': reset});
          copy.commit({'reset': null});
        }
        for (final model in copy.toTake) {
          await take(model);
        }
        // Until there are no more events: has_more ends a batch, whose end may be from before the app's restart.
        more = await pull(wait);
      } on OtherUser {
        continue;
      } on Problem catch (problem) {
        await recover(problem);
      }
      wait = 0;
    }
    tell(connected, null);
  }

  /// Keeps the copy up to date for ever, even while the service is unreachable; ends with an error that waiting
  /// does not resolve.
  Future<void> follow([int wait = 30]) async {
    maxAttempts = null;
    while (true) {
      await sync(wait);
    }
  }

  /// Settles events. Repeating it settles nothing and is not an error.
  Future<int> acknowledge(List<int> eventIds) async =>
      (await post('acknowledge', {...device, 'event_ids': eventIds}))['acknowledged'] as int;

  Future<Map<String, dynamic>> state() => get('state', device);

  /// Drops the copy; the next sync fetches everything again.
  void reset() => copy.beginAgain(copy.state['user_id'] as int?);

  /// Whether the copy of a model equals the service's data: null when events must be pulled first.
  Future<bool?> isRight(String model) async {
    final (differing, pullFirst) = await compare(model);
    return pullFirst ? null : differing.isEmpty;
  }

  /// Fetches the ranges of ids again in which the copy differs from the service's data, and returns their number.
  /// Sync first: pending events also differ. A pull misses changes in related records (names, lists from their
  /// other side, visibility), so call this when the app starts or once in a while.
  Future<int> mend(String model) async {
    final (differing, _) = await compare(model);
    for (final (from, to) in differing) {
      copy.dropOthers(model, await list(model, from, to), from: from, to: to);
    }
    return differing.length;
  }

  /// The dialect of clients that never acknowledge: a pull settles the events of the previous one, so an answer that is
  /// lost on the way is lost. Events have no data. For apps that cannot be changed; new ones use `sync`.
  Future<void> olderSync(int userId) async {
    final session = headers['session_id'];
    if (session != null) headers = {'X-Session-Id': session};
    var more = true;
    while (more) {
      final answer = await post('pull', {
        ...device, 'user_id': userId, 'app_type': scope['app_type'], 'models_filter': scope['models']?.split(','),
        'limit': limit,
      });
      copy.apply(maps(answer['events']), {'token': answer['next_sync_token']});
      more = answer['has_more'] as bool;
    }
  }

  /// Lists a model that a 410 named. The next pull brings changes in the meantime.
  Future<void> take(String model) async {
    var listed = <int>{};
    try {
      listed = await list(model);
    } on Problem catch (problem) {
      // The user lost the right to it: drop all of it.
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
        // Another list was started for this device: start again.
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

  /// The ranges of ids in which the copy differs from the service's digest, and whether events must be pulled
  /// first.
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
      // Between the digest's ranges there are no records; the copy must have none there either.
      for (final bucket in maps(digest['buckets'])) {
        add(from, 0, 0);
        add(bucket['from_id'] as int, bucket['records'] as int, bucket['hash'] as int);
        from = (bucket['to_id'] as int) + 1;
      }
      add(from, 0, 0);
      next = digest['next_from_id'] as int?;
    }
    var at = 0;
    for (final (id, hash) in copy.storage.hashes(model)) {
      while (at + 1 < starts.length && starts[at + 1] <= id) {
        at++;
      }
      counts[at]--;
      sums[at] = (sums[at] - (hash ?? 0)) % 0x1000000000000;
    }
    final differing = [
      for (var i = 0; i < starts.length; i++)
        if (counts[i] != 0 || sums[i] != 0) (starts[i], i + 1 < starts.length ? starts[i + 1] - 1 : null),
    ];
    return (differing, pullFirst);
  }

  /// Handles one page, if any. Acknowledges only after storing it: after a crash the same page
  /// again.
  Future<bool> pull(int wait) async {
    final answer = await get('pull', {
      ...device, ...scope, 'limit': '$limit', 'hashes': 'true', if (wait > 0) 'wait': '$wait',
      if (copy.token != null) 'sync_token': copy.token!,
    }, 30 + wait);
    final events = maps(answer['events']);
    final hasMore = answer['has_more'] as bool;
    final state = <String, dynamic>{
      'token': answer['next_sync_token'], 'progress': answer['progress'],
      'last_sync': '${DateTime.now().toUtc().toIso8601String().substring(0, 19)}Z',
    };
    final size = chunk ?? max(events.length, 1);
    for (var start = 0; start < events.length; start += size) {
      final part = events.sublist(start, min(start + size, events.length));
      copy.apply(part, {...state, 'is_whole': !hasMore && start + size >= events.length});
      tell(connected, lastError);
      await acknowledge([for (final event in part) event['id'] as int]);
    }
    if (events.isEmpty) copy.commit({...state, 'is_whole': !hasMore});
    return events.isNotEmpty || hasMore;
  }

  /// Handles a refused pull; rethrows the error if the client cannot handle it.
  Future<void> recover(Problem problem) async {
    if (problem.status == 410) {
      copy.takeAnew((problem.body['models'] as List).cast<String>(), problem.body['mode'] == 'replace');
      await pauseFor(problem.retryAfter ?? 0);
    } else if (problem.code == 'user_changed') {
      copy.beginAgain(null); // The copy belongs to another user.
    } else if (cursorProblems.contains(problem.code) && copy.token != null) {
      copy.commit({'token': null}); // The device continues after its last acknowledgement.
    } else {
      throw problem;
    }
  }

  static List<Map<String, dynamic>> maps(dynamic list) => (list as List).cast<Map<String, dynamic>>();

  Uri address(String name, [Map<String, String>? query]) =>
      Uri.parse('$url/api/v2/sync/$name').replace(queryParameters: query);

  Future<Map<String, dynamic>> get(String name, Map<String, String> query, [int timeout = 30]) async {
    final answer = await send('GET', address(name, query), null, timeout);
    final user = answer['user_id'] as int?, known = copy.state['user_id'] as int?;
    if (known != null && user != null && user != known) {
      copy.beginAgain(user);
      throw OtherUser();
    }
    return answer;
  }

  /// The authenticated user.
  Future<Map<String, dynamic>> who() => send('GET', Uri.parse('$url/api/v2/me'), null, 30);

  Future<Map<String, dynamic>> post(String name, Object body) =>
      send('POST', address(name), utf8.encode(jsonEncode(body)), 30);

  /// Retries while the service or the network is busy or unreachable: every call here may be repeated.
  Future<Map<String, dynamic>> send(String method, Uri address, List<int>? body, int timeout) async {
    for (var attempt = 1;; attempt++) {
      final isLast = maxAttempts != null && attempt >= maxAttempts!;
      // Random, so that devices that lost the service together do not return together.
      num pause = random.nextDouble() * min(60, 1 << min(attempt, 6));
      try {
        final answer = await once(method, address, body).timeout(Duration(seconds: timeout));
        connected = true;
        return answer;
      } on Problem catch (problem) {
        tell(true, '$problem');
        if (!busy.contains(problem.status) || isLast) rethrow;
        final after = problem.retryAfter;
        if (after != null) pause = after + random.nextDouble();
      } on IOException catch (error) {
        tell(false, '$error');
        if (isLast) rethrow;
      } on TimeoutException catch (error) {
        tell(false, '$error');
        if (isLast) rethrow;
      }
      await pauseFor(pause);
    }
  }

  /// Calls onStatus if something has changed.
  void tell(bool isConnected, String? error) {
    connected = isConnected;
    lastError = error;
    final text = jsonEncode(status);
    if (text == shown) return;
    shown = text;
    onStatus?.call(status);
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
      problem = null; // A page from a proxy.
    }
    throw Problem(response.statusCode, problem is Map<String, dynamic> ? problem : <String, dynamic>{},
        int.tryParse(response.headers.value('Retry-After') ?? ''));
  }
}

Future<void> main(List<String> arguments) async {
  const flags = ['once', 'status', 'show', 'die'];
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
    stderr.writeln('usage: changefeed_client.dart URL --key KEY | --session ID --device NAME [--app NAME] '
        '[--models A,B] '
        '[--copy FILE] [--limit N] [--chunk N] [--wait SECONDS] [--once] [--status] [--check MODEL] [--show] '
        '[--older USER] [--die]');
    exit(2);
  }
  int? number(String name) => values[name] == null ? null : int.parse(values[name]!);
  void write(Map<String, dynamic> value) => stdout.writeln(jsonEncode(value));
  final storage = LogStorage(values['copy']);
  final isStatus = values.containsKey('status');
  final copy = Copy(storage, told: isStatus ? (_) {} : write);
  if (values.containsKey('show')) {
    write({
      'state': copy.state,
      'records': {
        for (final model in storage.models) model: {for (final (id, data) in storage.records(model)) '$id': data},
      },
      'hashes': {
        for (final model in storage.models) model: {for (final (id, hash) in storage.hashes(model)) '$id': hash},
      },
    });
    await stdout.flush();
    exit(0);
  }
  final arrange = values.containsKey('die') ? DyingClient.new : ChangeFeedClient.new;
  final client = arrange(positionals[0], values['device']!, copy,
      key: values['key'], session: values['session'], app: values['app'] ?? 'all', models: values['models'],
      limit: number('limit') ?? 500, chunk: number('chunk'),
      onStatus: isStatus ? (status) => write({'status': status}) : null);
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
    write({'check': model, 'differed': differed, 'is_right': found});
    isRight = found ?? false;
  } else if (user == null && !values.containsKey('once')) {
    await client.follow(number('wait') ?? 30);
  }
  await stdout.flush();
  exit(isRight ? 0 : 1);
}

/// Exits before its first acknowledgement: for tests.
class DyingClient extends ChangeFeedClient {
  DyingClient(super.url, super.device, super.copy,
      {super.key, super.session, super.app, super.models, super.limit, super.chunk, super.onStatus});

  @override
  Future<int> acknowledge(List<int> eventIds) async {
    await stdout.flush();
    Process.killPid(pid, ProcessSignal.sigkill);
    return 0;
  }
}
