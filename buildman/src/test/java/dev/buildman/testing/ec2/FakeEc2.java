package dev.buildman.testing.ec2;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Amazon's EC2 as a manager meets it, in one region and for one account: the Query protocol over
 * HTTP with checked signatures, instances with their states, pages, late consistency and errors on
 * demand. It answers for STS and for Fedora CoreOS's list of images too.
 */
public final class FakeEc2 implements AutoCloseable {
  public static final String ACCESS_KEY = "AKIABUILDMANTESTS";
  public static final String SECRET_KEY = "the-secret-key-of-the-tests";

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Account account = new Account();
  private final Permissions permissions = new Permissions();
  private final Launching launching = new Launching(account, permissions);
  private final Instances instances = new Instances(account, launching);
  private final Calls calls = new Calls(permissions, instances, new Resources(account.region));
  private final Credentials credentials = new Credentials();
  private final Streams streams = new Streams();
  private final Map<String, Queue<Ec2Fault>> next = new ConcurrentHashMap<>();
  private final Queue<Query> requests = new ConcurrentLinkedQueue<>();
  private volatile Function<String, Optional<Ec2Fault>> weather = _ -> Optional.empty();

  public FakeEc2() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  /** Where it answers, for EC2 and STS. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** Where the channels' documents lie: below it is {@code stable.json}. */
  public URI streams() {
    return endpoint().resolve("/streams");
  }

  /** What the account has besides instances. */
  public Region region() {
    return account.region;
  }

  /** What instances run; nothing, when this was never said. */
  public void boot(Boot boot) {
    account.boot = boot;
  }

  /** What is seen on an instance's console. */
  public void console(Function<String, String> byInstance) {
    instances.console = byInstance;
  }

  // Faults.

  /** The next call of this action gets this; a dry run does not count. */
  public void next(String action, Ec2Fault fault) {
    next.computeIfAbsent(action, _ -> new ConcurrentLinkedQueue<>()).add(fault);
  }

  /** Every call may get a fault, by its action; null: none. */
  public void weather(Function<String, @Nullable Ec2Fault> byAction) {
    weather = action -> Optional.ofNullable(byAction.apply(action));
  }

  /** A pool may have no instance to give; null: it has (E1). */
  public void lack(Function<Pool, @Nullable Ec2Error> byPool) {
    launching.lacks = pool -> Optional.ofNullable(byPool.apply(pool));
  }

  /** The account may have so many instances at once (E2). */
  public void quota(int instances) {
    launching.quota = instances;
  }

  /** Takes a permission away, as {@code ec2:RunInstances} or {@code iam:PassRole}. */
  public void deny(String action) {
    permissions.deny(action);
  }

  public void allowAll() {
    permissions.allowAll();
  }

  /** Calls need this session token beside the keys. */
  public void session(String token) {
    credentials.session = token;
  }

  /** The credentials are known, and no longer good. */
  public void expireCredentials(boolean expired) {
    credentials.expired = expired;
  }

  // Time.

  /** From a launch until an instance runs. */
  public void pendingFor(Duration time) {
    account.pending = time;
  }

  /** From the end of an instance's machine until it is terminated (E7). */
  public void endingFor(Duration time) {
    account.ending = time;
  }

  /** Terminated instances stay in lists for this time (E7). */
  public void listedFor(Duration time) {
    account.listed = time;
  }

  /** New instances are in no list, and unknown by their ids, for this time (E5). */
  public void hiddenFor(Duration time) {
    account.hidden = time;
  }

  /** What was hidden is seen. */
  public void showAll() {
    account.showAll();
  }

  /** A machine that is told to end has this time until it is ended by force. */
  public void graceOf(Duration time) {
    account.grace = time;
  }

  /** Lists come in pages of at most so many, whatever was asked for. */
  public void pagesOf(int most) {
    instances.page = most;
  }

  // What happens to instances.

  /** New instances end before they run, as those without their volume; null code: they run. */
  public void failLaunches(@Nullable String code, String message) {
    account.failing = code == null ? null : new Account.Reason(code, message);
  }

  /** A spot instance gets its notice, and is ended when that is over (E10). */
  public void interrupt(String instance, Duration notice) {
    account.interrupt(one(instance), notice);
  }

  /** Somebody else ends an instance; the service itself with its own reason. */
  public void end(String instance, String code, String message) {
    account.end(one(instance), new Account.Reason(code, message));
  }

  /** A person ends an instance. */
  public void endByUser(String instance) {
    account.end(one(instance), Account.BY_USER);
  }

  /** An instance has an event ahead, as {@code instance-retirement}. */
  public void announce(String instance, String code, String description) {
    instances.announce(instance, code, description);
  }

  /** The newest image of a channel; architectures are Fedora's: {@code x86_64, aarch64}. */
  public void stream(String channel, String architecture, String image) {
    streams.set(channel, architecture, image);
  }

  /** An instance that somebody else launched, with these tags; its id. */
  public String launchedBySomebodyElse(Map<String, String> tags) {
    Map<String, String> launch = new TreeMap<>();
    launch.put("TagSpecification.1.ResourceType", "instance");
    int number = 0;
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      number++;
      launch.put("TagSpecification.1.Tag." + number + ".Key", tag.getKey());
      launch.put("TagSpecification.1.Tag." + number + ".Value", tag.getValue());
    }
    Pool pool = new Pool("m5.large", Region.SUBNET_B, Region.NAME + "b", false);
    return account.launch(pool, new Query(launch), "").id;
  }

  private Instance one(String id) {
    return account.of(id).orElseThrow(() -> new IllegalArgumentException("no instance " + id));
  }

  // What is seen afterwards.

  /** All instances that were ever launched, so all that was charged. */
  public List<SeenInstance> launched() {
    return account.seen();
  }

  /** Instances that cost money now. */
  public List<SeenInstance> charged() {
    return launched().stream().filter(SeenInstance::isCharged).toList();
  }

  /** How often an action was called, refused calls too, but no dry runs. */
  public long calls(String action) {
    return requests.stream()
        .filter(request -> request.get("Action").equals(action) && !request.is("DryRun"))
        .count();
  }

  /** Names and values of the latest call of an action. */
  public Map<String, String> lastCall(String action) {
    return requests.stream()
        .filter(request -> request.get("Action").equals(action))
        .reduce((_, later) -> later)
        .orElseThrow()
        .values();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      if (path.startsWith("/streams/")) {
        stream(exchange, path.substring("/streams/".length()));
        return;
      }
      Query request = Query.parse(new String(body, StandardCharsets.UTF_8));
      requests.add(request);
      Optional<Ec2Error> wrong = credentials.wrong(exchange, body);
      if (wrong.isPresent()) {
        answer(exchange, Calls.refusal(request, wrong.get()));
        return;
      }
      Optional<Ec2Fault> fault = fault(request);
      if (fault.isPresent()) {
        Thread.sleep(fault.get().delay());
      }
      Optional<Calls.Answer> done =
          fault.map(Ec2Fault::doIt).orElse(true)
              ? Optional.of(calls.answer(request))
              : Optional.empty();
      if (fault.isPresent() && fault.get().cut()) {
        // Closing before any answer ends the connection.
        return;
      }
      Optional<Ec2Error> instead = fault.flatMap(Ec2Fault::instead);
      answer(exchange, instead.map(e -> Calls.refusal(request, e)).orElseGet(done::orElseThrow));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Ec2Fault> fault(Query request) {
    String action = request.get("Action");
    Queue<Ec2Fault> queue = request.is("DryRun") ? null : next.get(action);
    Optional<Ec2Fault> queued = Optional.ofNullable(queue == null ? null : queue.poll());
    return queued.or(() -> weather.apply(action));
  }

  private void stream(HttpExchange exchange, String file) throws IOException {
    Query request = new Query(Map.of("Action", "stream"));
    requests.add(request);
    Optional<Ec2Fault> fault = fault(request);
    if (fault.isPresent()) {
      answer(
          exchange, new Calls.Answer(fault.get().instead().map(Ec2Error::status).orElse(503), ""));
      return;
    }
    String document = streams.document(file.replaceAll("[.]json$", ""));
    answer(exchange, new Calls.Answer(document.isEmpty() ? 404 : 200, document));
  }

  private static void answer(HttpExchange exchange, Calls.Answer answer) throws IOException {
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    String type = answer.body().startsWith("{") ? "application/json" : "text/xml;charset=UTF-8";
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
    account.close();
  }
}
