package dev.buildman.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesIT {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path dir;

  private final Processes processes =
      new Processes(
          Ticker.system(),
          Sleeper.system(),
          new Executables("/usr/bin:/bin"),
          Map.of("COOKIE", "crumb"));

  private Command shell(String script) {
    return new Command(List.of("sh", "-c", script), Map.of("GIVEN", "x y"), dir, LONG);
  }

  @Test
  void theProgramGetsItsArgumentsAndItsEnvironmentAndNothingElse() throws Exception {
    Capture capture = new Capture(10_000);
    Command command =
        new Command(List.of("env", "-u", "$(id); rm -rf ."), Map.of("GIVEN", "x y"), dir, LONG);

    Exit exit = processes.run(command, capture);

    assertThat(exit.ok()).isTrue();
    assertThat(capture.stdout().lines()).containsExactlyInAnyOrder("GIVEN=x y", "COOKIE=crumb");
  }

  @Test
  void bothChannelsAndTheStatusAreTold() throws Exception {
    Capture capture = new Capture(10_000);

    Exit exit = processes.run(shell("echo out; echo err >&2; exit 3"), capture);

    assertThat(exit.status()).isEqualTo(3);
    assertThat(exit.describe()).isEqualTo("exit status 3");
    assertThat(capture.stdout()).isEqualTo("out\n");
    assertThat(capture.stderr()).isEqualTo("err\n");
  }

  @Test
  void aSignalIsToldApartFromAStatus() throws Exception {
    Exit exit = processes.run(shell("kill -9 $$"), OutputSink.NONE);

    assertThat(exit.describe()).isEqualTo("killed by signal 9");
  }

  @Test
  void moreOutputThanTheLimitIsDroppedAndDoesNotBlockTheProgram() throws Exception {
    Capture capture = new Capture(Integer.MAX_VALUE);

    Exit exit =
        processes.run(
            shell("head -c 3000000 /dev/zero | tr '\\0' x").withOutputLimit(70_000), capture);

    assertThat(exit.ok()).isTrue();
    assertThat(capture.stdout()).hasSize(70_000);
  }

  @Test
  void charactersCutByAReadArriveWhole() throws Exception {
    Capture capture = new Capture(100);

    processes.run(shell("printf '\\303'; sleep 0.2; printf '\\244\\377'"), capture);

    assertThat(capture.stdout()).isEqualTo("ä\uFFFD");
  }

  @Test
  void nothingInTheBackgroundOutlivesTheProgram() throws Exception {
    Exit exit =
        processes.run(
            shell("trap '' TERM; (trap '' TERM; sleep 61) & echo $! > pid; exit 0"),
            OutputSink.NONE);

    assertThat(exit.status()).isZero();
    assertThat(running(pid())).isFalse();
  }

  @Test
  void theTimeLimitEndsAlsoWhatBeganASessionOfItsOwn() throws Exception {
    Command command =
        new Command(
            List.of("sh", "-c", "setsid sh -c 'echo $$ > pid; exec sleep 61' & wait"),
            Map.of(),
            dir,
            Duration.ofMillis(1500));

    Exit exit = processes.run(command, OutputSink.NONE);

    assertThat(exit.timedOut()).isTrue();
    assertThat(exit.describe()).isEqualTo("out of time");
    assertThat(running(pid())).isFalse();
  }

  @Test
  void anInterruptionEndsTheWholeTreeWithinASecondEvenIfItDoesNotHeedTerm() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    FutureTask<Exit> run =
        new FutureTask<>(
            () -> {
              try {
                return processes.run(
                    shell("trap '' TERM; (trap '' TERM; echo $$ > pid; sleep 61; :) ; :"),
                    OutputSink.NONE);
              } finally {
                ended.countDown();
              }
            });
    Thread thread = Thread.ofVirtual().start(run);
    await().until(() -> Files.exists(dir.resolve("pid")) && Files.size(dir.resolve("pid")) > 0);
    long pid = pid();
    List<ProcessHandle> children = ProcessHandle.of(pid).orElseThrow().descendants().toList();

    Ticker ticker = Ticker.system();
    long start = ticker.nanos();
    thread.interrupt();
    ended.await();

    // A second is the promise, the others are for a machine that is busy with other tests.
    assertThat(ticker.since(start)).isLessThan(Duration.ofSeconds(5));
    assertThatThrownBy(run::get).hasCauseInstanceOf(InterruptedException.class);
    assertThat(running(pid)).isFalse();
    assertThat(children).isNotEmpty().noneMatch(child -> ProcFs.running(child.pid()));
  }

  @Test
  void whatTheSinkThrowsEndsTheProgramAndReachesTheCaller() throws Exception {
    assertThatThrownBy(
            () ->
                processes.run(
                    shell("echo $$ > pid; while :; do echo x; done"),
                    (channel, text) -> {
                      throw new IllegalStateException("sink is broken");
                    }))
        .hasMessage("sink is broken");
    assertThat(running(pid())).isFalse();
  }

  @Test
  void aMissingProgramIsNamed() {
    Command command = new Command(List.of("no-such-program"), Map.of(), dir, LONG);

    assertThatThrownBy(() -> processes.run(command, OutputSink.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-program");
  }

  private long pid() throws IOException {
    return Long.parseLong(Files.readString(dir.resolve("pid")).strip());
  }

  private static boolean running(long pid) {
    return ProcFs.running(pid);
  }
}
