package dev.buildman.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.registry.Platform;
import dev.buildman.proto.agent.FailureCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EngineChoiceTest {

  private static final EngineCheck MISSING =
      EngineCheck.unable("it is not installed", "install the Debian package strong");

  /** An engine with two answers. */
  private record Answers(String name, EngineCheck check, EngineCheck canBuild)
      implements BuildEngine {
    @Override
    public Set<Ability> abilities() {
      return Set.of(Ability.SECRETS);
    }

    @Override
    public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
      return canBuild;
    }

    @Override
    public EngineBuild open(BuildRequest request, EngineLog log) {
      throw new UnsupportedOperationException();
    }
  }

  private static BuildEngine choose(String wanted, Answers... engines) throws Exception {
    return new EngineChoice(List.of(engines)).choose(wanted, dockerfile(), BuildOptions.DEFAULTS);
  }

  private static Dockerfile dockerfile() throws DockerfileException {
    return Dockerfile.parse("FROM scratch");
  }

  private final Answers strong = new Answers("strong", EngineCheck.able(), EngineCheck.able());
  private final Answers missing = new Answers("strong", MISSING, EngineCheck.able());
  private final Answers weak =
      new Answers("weak", EngineCheck.able(), EngineCheck.unable("line 3 is too much", ""));
  private final Answers plain = new Answers("plain", EngineCheck.able(), EngineCheck.able());

  @Test
  void autoTakesTheBestThatIsThereAndCanDoTheBuild() throws Exception {
    assertThat(choose("auto", strong, plain)).isSameAs(strong);
    assertThat(choose("auto", missing, plain)).isSameAs(plain);
    assertThat(choose("auto", weak, plain)).isSameAs(plain);
  }

  @Test
  void autoSaysWhatEachEngineLacks() {
    assertThatThrownBy(() -> choose("auto", missing, weak))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.DOCKERFILE_ISSUE))
        .hasMessageContaining("strong: it is not installed; install the Debian package strong")
        .hasMessageContaining("weak: line 3 is too much");
  }

  @Test
  void anEngineIsNotTakenForWhatItCannotDo() throws Exception {
    RunInputs secret = new RunInputs(Map.of("id", new byte[1]), Map.of(), 0, 0);
    EngineChoice engines = new EngineChoice(List.of(plain));
    assertThat(engines.choose("auto", dockerfile(), options(secret))).isSameAs(plain);
    assertThatThrownBy(
            () ->
                engines.choose(
                    "auto", dockerfile(), options(new RunInputs(Map.of(), Map.of(), 1, 0))))
        .hasMessageContaining("plain: it cannot limit what RUN uses (run_limits)");
    assertThat(engines.abilities("auto")).containsExactly(Ability.SECRETS);
    assertThat(engines.abilities("strong")).isEmpty();
  }

  /** Before anything is pulled: a daemon would take it, and fail in the first command. */
  @Test
  void aPlatformThatIsNotTheMachinesIsRefusedByAnEngineThatBuildsOnlyForIt() throws Exception {
    Platform foreign =
        new Platform(
            "linux",
            Platform.ofThisMachine().architecture().equals("arm64") ? "amd64" : "arm64",
            null);
    EngineChoice engines = new EngineChoice(List.of(plain));
    assertThat(
            engines.choose(
                "plain", dockerfile(), BuildOptions.DEFAULTS.forPlatform(Platform.ofThisMachine())))
        .isSameAs(plain);
    assertThatThrownBy(
            () -> engines.choose("plain", dockerfile(), BuildOptions.DEFAULTS.forPlatform(foreign)))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.DOCKERFILE_ISSUE))
        .hasMessageContaining("plain: it cannot build for other platforms (platforms)");
  }

  private static BuildOptions options(RunInputs run) {
    return new BuildOptions(Map.of(), Map.of(), null, false, null, List.of(), run, CacheRefs.NONE);
  }

  @Test
  void aMachineWithoutAnyEngineIsNotTheUsersFault() {
    assertThatThrownBy(() -> choose("auto", missing))
        .isInstanceOfSatisfying(
            EngineFailure.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.DOCKER_CONNECT_ERROR));
  }

  @Test
  void aNamedEngineIsTakenOrRefusedButNeverReplaced() throws Exception {
    assertThat(choose("plain", strong, plain)).isSameAs(plain);
    assertThatThrownBy(() -> choose("strong", missing, plain))
        .hasMessageContaining("strong: it is not installed");
    assertThatThrownBy(() -> choose("docker", strong, plain))
        .isInstanceOfSatisfying(
            EngineFailure.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.MISSING_OR_INVALID_ARGUMENT))
        .hasMessageContaining("known are auto, strong, plain");
  }

  /** Its check waits, and counts. */
  private static final class Slow implements BuildEngine {
    private final AtomicInteger checks = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch able = new CountDownLatch(1);
    private volatile boolean interrupted;

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public Set<Ability> abilities() {
      return Set.of();
    }

    @Override
    public EngineCheck check() throws InterruptedException {
      checks.incrementAndGet();
      begun.countDown();
      try {
        able.await();
        return EngineCheck.able();
      } catch (InterruptedException e) {
        interrupted = true;
        throw e;
      }
    }

    @Override
    public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
      return EngineCheck.able();
    }

    @Override
    public EngineBuild open(BuildRequest request, EngineLog log) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void theCheckThatWasBegunEarlyIsTheOnlyOne() throws Exception {
    Slow slow = new Slow();
    try (EngineChoice engines = new EngineChoice(List.of(slow, plain))) {
      engines.begin("auto");
      slow.begun.await();
      slow.able.countDown();
      assertThat(engines.choose("auto", dockerfile(), BuildOptions.DEFAULTS)).isSameAs(slow);
      assertThat(slow.checks).hasValue(1);
    }
  }

  @Test
  void aCheckThatNobodyWaitedForEndsWithTheBuild() throws Exception {
    Slow slow = new Slow();
    EngineChoice engines = new EngineChoice(List.of(slow));
    engines.begin("slow");
    slow.begun.await();
    engines.close();
    assertThat(slow.interrupted).isTrue();
  }

  @Test
  void beginningWithAnUnknownNameIsNoFailureYet() {
    try (EngineChoice engines = new EngineChoice(List.of(plain))) {
      engines.begin("nobody");
      assertThatThrownBy(() -> engines.choose("nobody", dockerfile(), BuildOptions.DEFAULTS))
          .hasMessageContaining("nobody is no engine");
    }
  }
}
