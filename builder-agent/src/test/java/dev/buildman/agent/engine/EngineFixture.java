package dev.buildman.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Real registries, a context to write, and the whole way of a build: for tests of engines. */
@NeedsPrograms(Program.DOCKER_REGISTRY)
@Timeout(60)
@ResourceLock("EngineFixture")
public abstract class EngineFixture {

  protected static final PushPermit ALWAYS = () -> {};
  private static final AtomicInteger counter = new AtomicInteger();

  @TempDir static Path openFolder;
  @TempDir static Path closedFolder;
  private static DockerRegistry open;
  static DockerRegistry closed;

  @TempDir protected Path folder;
  protected final RecordingLog log = new RecordingLog();
  protected Path context = Path.of("");

  /** The engine under test. */
  protected abstract BuildEngine engine();

  /** Whether it knows {@code COPY --chmod}, which came with BuildKit. */
  protected boolean changesModes() {
    return true;
  }

  @BeforeAll
  static void startRegistries() throws IOException {
    open = DockerRegistry.start(openFolder);
    closed = DockerRegistry.startWithUser(closedFolder);
  }

  @AfterAll
  static void stopRegistries() throws InterruptedException {
    open.close();
    closed.close();
  }

  @BeforeEach
  void makeContext() throws IOException {
    context = Files.createDirectory(folder.resolve("context"));
  }

  /** A name in the open registry that no other test uses. */
  protected static ImageReference fresh(String name) {
    return ImageReference.parse(
        open.host() + "/contract/" + name + counter.incrementAndGet() + ":latest");
  }

  /** The registry that wants {@link DockerRegistry#USER}. */
  protected static String closedHost() {
    return closed.host();
  }

  /** Writes a file of the context. */
  protected void file(String path, String text) throws IOException {
    Path file = context.resolve(path);
    Files.createDirectories(file.resolveSibling(".").normalize());
    Files.writeString(file, text);
  }

  protected static BuildOptions options(
      Map<String, String> args, Map<String, String> labels, @Nullable String target) {
    return new BuildOptions(
        args, labels, target, false, null, List.of(), RunInputs.NONE, CacheRefs.NONE);
  }

  protected BuildRequest request(
      BuildOptions options, CredentialStore push, List<ImageReference> tags) throws IOException {
    Path work = Files.createDirectory(folder.resolve("work" + counter.incrementAndGet()));
    RegistryAccess access =
        new RegistryAccess(CredentialStore.none(), push, RegistrySettings.defaults().withTries(1));
    return new BuildRequest(
        new BuildContext(context, context.resolve("Dockerfile")), options, tags, access, work);
  }

  protected BuildRequest request(BuildOptions options, ImageReference... tags) throws IOException {
    return request(options, CredentialStore.none(), List.of(tags));
  }

  /** The whole way: pull, build, push. */
  protected PushResult run(BuildRequest request, PushPermit permit)
      throws EngineFailure, InterruptedException {
    try (EngineBuild build = engine().open(request, log)) {
      build.pull();
      build.build();
      return build.push(permit);
    }
  }

  /** Builds the Dockerfile and pulls the image back. */
  protected PulledImage image(String dockerfile, BuildOptions options) throws Exception {
    file("Dockerfile", dockerfile);
    ImageReference tag = fresh("image");
    run(request(options, tag), ALWAYS);
    return PulledImage.pull(tag);
  }

  protected PulledImage image(String dockerfile) throws Exception {
    return image(dockerfile, BuildOptions.DEFAULTS);
  }

  protected EngineFailure failureOf(String dockerfile) throws Exception {
    file("Dockerfile", dockerfile);
    return failureOf(request(BuildOptions.DEFAULTS, fresh("failure")), ALWAYS);
  }

  protected EngineFailure failureOf(BuildRequest request, PushPermit permit)
      throws InterruptedException {
    try {
      run(request, permit);
    } catch (EngineFailure e) {
      return e;
    }
    throw new AssertionError("the build ended well");
  }

  protected static Optional<Digest> served(ImageReference image)
      throws IOException, InterruptedException {
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      return client.digest(image);
    }
  }

  /** Work that may be cancelled. */
  @FunctionalInterface
  protected interface Work {
    void run() throws Exception;
  }

  /**
   * Runs the work in a thread, interrupts it once the first part returned, and expects an
   * interruption within a second, or a few on a machine that is busy with other tests.
   */
  protected static void assertEndsOnInterrupt(Work begun, Work work) throws Exception {
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (Throwable e) {
                    end.set(e);
                  }
                });
    begun.run();
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }
}
