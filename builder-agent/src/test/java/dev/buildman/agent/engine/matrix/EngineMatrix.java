package dev.buildman.agent.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.RecordingLog;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same Dockerfiles through every engine: each has to make of them what the case says, file by
 * file, so what one engine makes is what every other makes. An engine's own test extends this and
 * names where it differs; docs/engines.md has the same list for people.
 */
@NeedsPrograms({Program.DOCKER_REGISTRY, Program.BUSYBOX})
@Timeout(120)
@ResourceLock("EngineMatrix")
public abstract class EngineMatrix {
  @TempDir static Path registryFolder;
  private static DockerRegistry registry;
  private static ImageReference base;

  @TempDir private Path folder;
  private final RecordingLog log = new RecordingLog();

  /** The engine under test. */
  protected abstract BuildEngine engine() throws Exception;

  /**
   * Where the engine differs: lines by the name of the case, instead of those that it expects; the
   * line {@code refused: text} where it says before the build that it cannot do it.
   */
  protected Map<String, List<String>> differences() {
    return Map.of();
  }

  @BeforeAll
  static void startRegistry() throws Exception {
    registry = DockerRegistry.start(registryFolder);
    base = ImageReference.parse(registry.host() + "/matrix/base:1");
    BusyboxImage.push(base, CredentialStore.none());
  }

  @AfterAll
  static void stopRegistry() throws Exception {
    registry.close();
  }

  /** {@code host:port} of the registry, for engines whose daemon has to know it. */
  protected static String registryHost() {
    return registry.host();
  }

  static List<MatrixCase> cases() {
    return MatrixCases.ALL;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void everyEngineMakesTheSame(MatrixCase matrix) throws Exception {
    BuildEngine engine = engine();
    if (engine.check() instanceof EngineCheck.Unable(String why, String _)) {
      Assumptions.abort(why);
    }
    Assumptions.assumeTrue(
        !matrix.runs() || engine.abilities().contains(Ability.RUN), "the engine has no RUN");
    List<String> expected = differences().getOrDefault(matrix.name(), matrix.expected());
    assertThat(built(engine, matrix)).containsExactlyElementsOf(expected);
    assertThat(log.text()).as("the log").doesNotContain(leak(matrix));
  }

  /** A step that prints its secret is masked by the log's shipper, which is not in this test. */
  private static String leak(MatrixCase matrix) {
    return matrix.dockerfile().contains("cat /tt") ? "\0" : MatrixCase.SECRET;
  }

  private List<String> built(BuildEngine engine, MatrixCase matrix) throws Exception {
    Path context = Files.createDirectory(folder.resolve("context"));
    MatrixContext.write(context);
    String text =
        matrix
            .dockerfile()
            .replace("%s", base.toString())
            .replace("FLOOD", Boolean.getBoolean("buildman.long") ? "1600" : "8")
            .replace("LINES", Boolean.getBoolean("buildman.long") ? "1000000" : "20000");
    Path dockerfile = Files.writeString(folder.resolve("Dockerfile"), text);
    ImageReference tag =
        ImageReference.parse(
            registry.host()
                + "/matrix/"
                + engine.name()
                + Integer.toHexString(matrix.name().hashCode())
                + ":1");
    BuildRequest request =
        new BuildRequest(
            new BuildContext(context, dockerfile),
            matrix.options(),
            List.of(tag),
            new RegistryAccess(
                CredentialStore.none(), CredentialStore.none(), RegistrySettings.defaults()),
            Files.createDirectory(folder.resolve("work")));
    try (EngineBuild build = engine.open(request, log)) {
      build.pull();
      build.build();
      build.push(() -> {});
    } catch (EngineFailure e) {
      return List.of(
          e.line() == 0
              ? "refused: " + e.message()
              : "fails: %s line %d exit %d".formatted(e.code(), e.line(), e.exitCode()));
    }
    boolean onBase = text.contains(base.toString());
    Snapshot snapshot = Snapshot.of(tag, onBase ? 1 : 0, folder, MatrixCase.SECRET);
    assertThat(snapshot.leaks()).as("the image shows the secret").isFalse();
    return snapshot.lines(onBase);
  }
}
