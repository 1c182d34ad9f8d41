package dev.buildman.agent.registry;

import static dev.buildman.agent.testing.ScriptedServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.agent.testing.UploadScript;
import dev.buildman.agent.testing.UploadScript.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transfers that break, and registries that keep, lose or misstate what they have. */
@Timeout(60)
class BrokenTransfersIT {
  private static final byte[] BLOB = new byte[700_000];
  private static final Descriptor DESCRIPTOR;

  static {
    new Random(42).nextBytes(BLOB);
    DESCRIPTOR = new Descriptor(MediaTypes.OCI_LAYER, Digest.of(BLOB), BLOB.length);
  }

  @TempDir Path dir;
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final List<String> ranges = new CopyOnWriteArrayList<>();

  private RegistryClient client(RegistrySettings settings) {
    return new RegistryClient(settings, CredentialStore.none(), pauses::add);
  }

  private RegistryClient client() {
    return client(RegistrySettings.defaults());
  }

  private static boolean isProbe(HttpExchange exchange) throws IOException {
    boolean probe = exchange.getRequestURI().getPath().equals("/v2/");
    if (probe) {
      reply(exchange, 200, "{}");
    }
    return probe;
  }

  /** Sends from the asked byte on, and breaks the connection after so many. */
  private void serve(HttpExchange exchange, boolean knowsRanges, int most) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(String.valueOf(range));
    int from = 0;
    if (range != null && knowsRanges) {
      from = Integer.parseInt(range.replaceAll("\\D", ""));
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, BLOB.length - 1, BLOB.length));
    }
    int length = BLOB.length - from;
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
    exchange.getResponseBody().write(BLOB, from, Math.min(most, length));
    exchange.getResponseBody().flush();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPullGoesOnAtItsByteEvenWhereTheRegistryBeginsAnew(boolean knowsRanges) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicLong last = new AtomicLong();
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    int times = asked.incrementAndGet();
                    serve(exchange, knowsRanges, times < 4 ? 150_000 * times : BLOB.length);
                  }
                });
        RegistryClient client = client()) {
      client.pullBlob(
          new Repository(server.host(), "a/b"),
          DESCRIPTOR,
          dir.resolve("blob"),
          (done, total) -> last.set(done));
    }
    assertThat(Files.readAllBytes(dir.resolve("blob"))).isEqualTo(BLOB);
    assertThat(ranges.getFirst()).isEqualTo("null");
    assertThat(ranges.subList(1, ranges.size())).allMatch(range -> range.startsWith("bytes="));
    assertThat(last).hasValue(BLOB.length);
  }

  @Test
  void aPullThatGetsOnIsNeverGivenUpAndOneThatStandsIs() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    RegistrySettings settings = RegistrySettings.defaults().withTries(2);
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    boolean empty = exchange.getRequestURI().getPath().contains("stuck");
                    asked.incrementAndGet();
                    serve(exchange, true, empty ? 0 : 90_000);
                  }
                });
        RegistryClient client = client(settings)) {
      assertThat(client.readBlob(new Repository(server.host(), "a/b"), DESCRIPTOR, BLOB.length))
          .isEqualTo(BLOB);
      assertThat(asked.getAndSet(0)).isGreaterThan(5);
      assertThatThrownBy(
              () ->
                  client.readBlob(
                      new Repository(server.host(), "a/stuck"), DESCRIPTOR, BLOB.length))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void contentThatIsSpoiltOnceIsFetchedAnewAndMoreIsNot() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    byte[] spoilt = BLOB.clone();
    spoilt[99]++;
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    boolean always = exchange.getRequestURI().getPath().contains("always");
                    reply(exchange, 200, asked.incrementAndGet() == 1 || always ? spoilt : BLOB);
                  }
                });
        RegistryClient client = client()) {
      assertThat(client.readBlob(new Repository(server.host(), "a/b"), DESCRIPTOR, BLOB.length))
          .isEqualTo(BLOB);
      asked.set(0);
      assertThatThrownBy(
              () ->
                  client.readBlob(
                      new Repository(server.host(), "a/always"), DESCRIPTOR, BLOB.length))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DIGEST_MISMATCH));
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aBlobIsStreamedFromOneRegistryToAnotherThroughBreaksOnBothSides() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    UploadScript upload = new UploadScript(BLOB, Fault.BREAKS_AND_KEEPS);
    try (ScriptedServer source =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    serve(exchange, true, asked.incrementAndGet() == 1 ? 300_000 : BLOB.length);
                  }
                });
        ScriptedServer target = ScriptedServer.start(upload);
        RegistryClient from = client();
        RegistryClient to = client()) {
      Repository repository = new Repository(target.host(), "a/b");
      BlobContent content = from.content(new Repository(source.host(), "c/d"), DESCRIPTOR);
      assertThat(to.pushBlob(repository, DESCRIPTOR, content, null, TransferProgress.NONE))
          .isEqualTo(PushOutcome.PUSHED);
      assertThat(upload.stored()).isEqualTo(BLOB);
      // The second stream begins where the upload goes on.
      assertThat(ranges).anyMatch(range -> range.startsWith("bytes="));
    }
  }

  @Test
  void aStreamFailsWithTheRegistrysWordsAndHoldsASenderThatNobodyReads() throws Exception {
    AtomicLong sent = new AtomicLong();
    byte[] piece = new byte[64 << 10];
    Descriptor huge =
        new Descriptor(MediaTypes.OCI_LAYER, DESCRIPTOR.digest(), 4000L * piece.length);
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (isProbe(exchange)) {
                    return;
                  }
                  if (exchange.getRequestURI().getPath().contains("none")) {
                    reply(exchange, 404, "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\"}]}");
                    return;
                  }
                  exchange.sendResponseHeaders(200, huge.size());
                  for (int i = 0; i < 4000; i++) {
                    exchange.getResponseBody().write(piece);
                    sent.addAndGet(piece.length);
                  }
                });
        RegistryClient client = client()) {
      BlobContent missing = client.content(new Repository(server.host(), "a/none"), DESCRIPTOR);
      try (InputStream in = missing.open()) {
        assertThatThrownBy(() -> in.read(new byte[9]))
            .isInstanceOfSatisfying(
                RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
            .hasMessageContaining("BLOB_UNKNOWN");
      }
      try (InputStream in = client.content(new Repository(server.host(), "a/b"), huge).open()) {
        assertThat(in.readNBytes(10)).hasSize(10);
        long before = settled(sent);
        // Buffers of the two sockets and of the stream, not the blob.
        assertThat(before).isLessThan(64L << 20);
        // More than was sent so far can only come when the sender goes on.
        in.skipNBytes(before);
        assertThat(sent).hasValueGreaterThan(before);
      }
    }
  }

  private static long settled(AtomicLong counter) {
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(300))
        .until(() -> last.getAndSet(counter.get()) == counter.get() && counter.get() > 0);
    return counter.get();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void anUploadComesThroughWhateverTheRegistryDoes(Fault fault) throws Exception {
    UploadScript script = new UploadScript(BLOB, fault);
    try (ScriptedServer server = ScriptedServer.start(script);
        RegistryClient client = client()) {
      PushOutcome outcome =
          client.pushBlob(
              new Repository(server.host(), "a/b"),
              DESCRIPTOR,
              BlobContent.of(BLOB),
              new Repository(server.host(), "c/d"),
              TransferProgress.NONE);
      assertThat(outcome).isEqualTo(PushOutcome.PUSHED);
      assertThat(script.stored()).isEqualTo(BLOB);
      assertThat(script.uploads()).as("uploads begun").isEqualTo(fault.uploads());
    }
  }

  @Test
  void aBlobInOneRequestWhereThatIsLess() throws Exception {
    byte[] small = Arrays.copyOf(BLOB, 60_000);
    UploadScript script = new UploadScript(small, Fault.NONE);
    try (ScriptedServer server = ScriptedServer.start(script);
        RegistryClient client = client()) {
      client.pushBlob(
          new Repository(server.host(), "a/b"),
          new Descriptor(MediaTypes.OCI_LAYER, Digest.of(small), small.length),
          BlobContent.of(small),
          null,
          TransferProgress.NONE);
      assertThat(server.asked())
          .extracting(ScriptedServer.Asked::method)
          .containsExactly("GET", "HEAD", "POST", "PUT");
      assertThat(script.stored()).isEqualTo(small);
    }
  }

  @Test
  void anUploadInFlightIsCutWhenItsThreadIsInterrupted() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch cut = new CountDownLatch(1);
    List<String> later = new ArrayList<>();
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  switch (exchange.getRequestMethod()) {
                    case "GET" -> reply(exchange, 200, "{}");
                    case "HEAD" -> reply(exchange, 404, "");
                    case "POST" -> {
                      exchange.getResponseHeaders().add("Location", "/v2/a/b/blobs/uploads/1");
                      reply(exchange, 202, "");
                    }
                    case "PATCH" -> {
                      begun.countDown();
                      try {
                        exchange.getRequestBody().readAllBytes();
                      } catch (IOException e) {
                        cut.countDown();
                      }
                    }
                    default -> later.add(exchange.getRequestMethod());
                  }
                });
        RegistryClient client = client()) {
      InputStream endless =
          new InputStream() {
            @Override
            public int read() throws IOException {
              return 1;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
              return length;
            }
          };
      Descriptor huge = new Descriptor(MediaTypes.OCI_LAYER, DESCRIPTOR.digest(), 1L << 40);
      FutureTask<PushOutcome> push =
          new FutureTask<>(
              () ->
                  client.pushBlob(
                      new Repository(server.host(), "a/b"),
                      huge,
                      () -> endless,
                      null,
                      TransferProgress.NONE));
      Thread thread = Thread.ofVirtual().start(push);
      begun.await();
      thread.interrupt();
      assertThatThrownBy(push::get).hasCauseInstanceOf(InterruptedException.class);
      cut.await();
      assertThat(later).isEmpty();
    }
  }
}
