package dev.buildman.agent.logship;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.agent.link.ManagerException;
import dev.buildman.agent.runtime.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LogShipperTest {
  private static final int MANAGERS_LIMIT = 16 * 1024;
  private static final int PIECE = 32 * 1024;

  private final ManualTime time = new ManualTime();
  private final List<List<String>> batches = new CopyOnWriteArrayList<>();
  private final Semaphore mayArrive = new Semaphore(Integer.MAX_VALUE / 2);
  private LogShipper shipper = shipper(512);

  private LogShipper shipper(int batchLimit) {
    return LogShipper.start(this::store, batchLimit, Secrets.of(List.of("hunter2")), time);
  }

  private void store(List<String> lines) throws InterruptedException {
    mayArrive.acquire();
    batches.add(lines);
  }

  @AfterEach
  void stop() {
    mayArrive.release(1_000);
    shipper.close();
  }

  private List<String> lines() {
    return batches.stream().flatMap(List::stream).toList();
  }

  private String text() throws Exception {
    StringBuilder text = new StringBuilder();
    for (String line : lines()) {
      JsonNode json = new ObjectMapper().readTree(line);
      text.append(json.path("stream").asText()).append(json.path("status").asText());
    }
    return text.toString();
  }

  @Test
  void entriesHaveTheFormsOfQuaysWorker() throws Exception {
    shipper.step(4, 13, "RUN x");
    shipper.output("hello \"world\"\n");
    shipper.status("Pulling from library/busybox");
    shipper.progress("aa11", "Pushing", 5 << 20, 10 << 20);
    shipper.progress("bb22", "Pushed", 0, 0);
    shipper.flush();

    assertThat(lines())
        .containsExactly(
            "{\"stream\":\"Step 4/13 : RUN x\"}",
            "{\"stream\":\"hello \\\"world\\\"\\n\"}",
            "{\"status\":\"Pulling from library/busybox\\n\"}",
            "{\"status\":\"aa11: Pushing 5.0 MiB of 10.0 MiB\\n\",\"id\":\"aa11\","
                + "\"progressDetail\":{\"current\":5242880,\"total\":10485760}}",
            "{\"status\":\"bb22: Pushed\\n\",\"id\":\"bb22\",\"progressDetail\":{}}");
  }

  @Test
  void aFlushWaitsUntilEverythingHasArrived() throws Exception {
    mayArrive.drainPermits();
    shipper.line("one");
    Semaphore flushed = new Semaphore(0);
    Thread flush =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    shipper.flush();
                    flushed.release();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    await().until(() -> flush.getState() == Thread.State.WAITING);
    assertThat(flushed.availablePermits()).isZero();

    mayArrive.release();

    await().until(() -> flushed.availablePermits() == 1);
    assertThat(text()).isEqualTo("one\n");
  }

  @Test
  void secretsAreMaskedInEveryKindOfEntryAndAcrossPieces() throws Exception {
    shipper.step(1, 1, "RUN login hunter2");
    shipper.output("token hun");
    shipper.output("ter2\n");
    shipper.status("with hunter2");
    shipper.progress("hunter2", "hunter2", 0, 0);
    shipper.close();

    assertThat(lines().toString()).doesNotContain("hunter2").doesNotContain("hun");
    assertThat(text()).contains("RUN login ***", "token ***\n", "with ***");
  }

  @Test
  void whatIsKeptBackComesBeforeTheNextStepAndAtTheEnd() throws Exception {
    shipper.output("ends with hun");
    shipper.step(2, 2, "RUN y");
    shipper.output("and hun");
    shipper.close();

    assertThat(text()).isEqualTo("ends with hunStep 2/2 : RUN yand hun");
  }

  @Test
  void manySmallPiecesBecomeFewEntriesAndNothingIsLost() throws Exception {
    mayArrive.drainPermits();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      shipper.output("piece " + i + "\n");
      expected.append("piece ").append(i).append("\n");
    }
    mayArrive.release(1_000);
    shipper.flush();

    assertThat(text()).isEqualTo(expected.toString());
    assertThat(lines()).hasSizeLessThan(100);
  }

  @Test
  void aHugePieceIsCutBetweenCharacters() throws Exception {
    String smile = "\uD83D\uDE00";
    shipper.output("x" + smile.repeat(40_000));
    shipper.flush();

    assertThat(text()).isEqualTo("x" + smile.repeat(40_000));
    assertThat(lines())
        .hasSizeGreaterThan(1)
        .allMatch(line -> line.getBytes(UTF_8).length <= MANAGERS_LIMIT);
  }

  @Test
  void aBuildIsHeldUpWhenTheManagerIsSlow() throws Exception {
    mayArrive.drainPermits();
    AtomicInteger written = new AtomicInteger();
    String piece = "y".repeat(PIECE);
    Thread build =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    shipper.output(piece);
                    written.incrementAndGet();
                  }
                });
    await().until(() -> build.getState() == Thread.State.WAITING);
    assertThat(written.get() * (long) PIECE).isLessThan(2L * LogBuffer.CAPACITY);

    mayArrive.release(1_000);

    assertThat(build.join(Duration.ofSeconds(10))).isTrue();
    shipper.flush();
    assertThat(text()).hasSize(100 * PIECE);
  }

  @Test
  void linesAreDroppedWhenTheManagerTakesNoMore() throws Exception {
    shipper.close();
    shipper =
        LogShipper.start(
            lines -> {
              throw new ManagerException.Refused("closed");
            },
            512,
            Secrets.of(List.of()),
            time);
    for (int i = 0; i < 100; i++) {
      shipper.output("y".repeat(PIECE));
    }
    shipper.flush();

    assertThat(lines()).isEmpty();
  }

  @Test
  void aManagerThatTakesOneLineAtATimeGetsOneAtATime() throws Exception {
    shipper.close();
    shipper = shipper(1);
    shipper.step(1, 2, "A");
    shipper.step(2, 2, "B");
    shipper.status("C");
    shipper.flush();

    assertThat(batches).hasSize(3).allMatch(batch -> batch.size() == 1);
  }

  @Test
  void aBarThatMovesFasterThanOnceASecondIsThinnedOutButItsEndIsShown() throws Exception {
    for (int i = 0; i <= 100; i++) {
      shipper.progress("layer", "Pushing", i, 100);
      time.advance(Duration.ofMillis(30));
    }
    shipper.progress("layer", "Pushed", 0, 0);
    shipper.flush();

    assertThat(lines()).hasSizeBetween(4, 6);
    assertThat(lines().get(lines().size() - 2)).contains("\"current\":100");
    assertThat(lines().getLast()).contains("Pushed");
  }
}
