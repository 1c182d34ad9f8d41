package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.TestCertificate;
import dev.buildman.proto.agent.FailureCode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Docker's daemon of this machine's package. */
@NeedsPrograms({Program.DOCKERD, Program.DOCKER, Program.DOCKER_REGISTRY, Program.BUSYBOX})
class DockerEngineIT extends DaemonContract {
  @TempDir static Path home;
  private static ContainerDaemon daemon;

  private static Path certificates;
  private static int port;

  @BeforeAll
  static void startDaemon() throws Exception {
    certificates = Files.createDirectory(home.resolve("certificates"));
    TestCertificate own = TestCertificate.in(certificates);
    Files.copy(own.certificate(), certificates.resolve("ca.pem"));
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    daemon =
        ContainerDaemon.docker(
            home,
            "--host=tcp://127.0.0.1:" + port,
            "--tlsverify",
            "--tlscacert=" + own.certificate(),
            "--tlscert=" + own.certificate(),
            "--tlskey=" + own.key());
  }

  @AfterAll
  static void stopDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected ContainerDaemon daemon() {
    return daemon;
  }

  @Override
  protected BuildEngine engine() {
    return DockerEngine.docker(Map.of("DOCKER_HOST", daemon.host()), Sleeper.system());
  }

  @Override
  protected boolean changesModes() {
    return false;
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    BuildEngine nowhere =
        DockerEngine.docker(Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock"), Sleeper.system());
    assertThat(nowhere.check())
        .isEqualTo(
            EngineCheck.unable(
                "there is no socket /nowhere/docker.sock",
                "start the daemon, or give another DOCKER_HOST"));
    assertThat(nowhere.abilities()).isEmpty();

    BuildEngine unheard =
        DockerEngine.docker(Map.of("DOCKER_HOST", "tcp://127.0.0.1:1"), Sleeper.system());
    assertThat(unheard.check())
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class,
            unable -> assertThat(unable.why()).contains("tcp://127.0.0.1:1"));

    BuildEngine notPodman =
        DockerEngine.podman(Map.of("DOCKER_HOST", daemon.host()), Sleeper.system());
    assertThat(notPodman.check())
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class,
            unable -> assertThat(unable.remedy()).isEqualTo("use CONTAINER_RUNTIME=docker"));
  }

  @Test
  void pullsAPrivateBaseImageWithItsOwnCredentialsOnly() throws Exception {
    CredentialStore right =
        CredentialStore.of(
            Map.of(closedHost(), new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD)));
    ImageReference base = ImageReference.parse(closedHost() + "/private/base:1");
    BusyboxImage.push(base, right);
    file("Dockerfile", "FROM " + base + "\nRUN echo made > /made\n");
    ImageReference tag = fresh("private");
    BuildRequest plain = request(BuildOptions.DEFAULTS, tag);
    assertThat(failureOf(plain, ALWAYS).code()).isEqualTo(FailureCode.CANNOT_PULL_BASE_IMAGE);

    BuildRequest anonymous = request(BuildOptions.DEFAULTS, tag);
    run(
        new BuildRequest(
            anonymous.context(),
            anonymous.options(),
            anonymous.tags(),
            new RegistryAccess(right, CredentialStore.none(), RegistrySettings.defaults()),
            anonymous.workDir()),
        ALWAYS);
    assertThat(PulledImage.pull(tag).text("made")).isEqualTo("made\n");
    assertThat(log.text()).doesNotContain(DockerRegistry.PASSWORD + "\"");
  }

  @Test
  void speaksTlsWithTheCertificatesOfDockersPrograms(@TempDir Path strangers) throws Exception {
    Map<String, String> secured =
        Map.of(
            "DOCKER_HOST",
            "tcp://127.0.0.1:" + port,
            "DOCKER_CERT_PATH",
            certificates.toString(),
            "DOCKER_TLS_VERIFY",
            "1");
    BuildEngine engine = DockerEngine.docker(secured, Sleeper.system());
    assertThat(engine.check()).isEqualTo(EngineCheck.able());
    file("Dockerfile", "FROM scratch\nCOPY Dockerfile /d\n");
    ImageReference tag = fresh("tls");
    try (EngineBuild build = engine.open(request(BuildOptions.DEFAULTS, tag), log)) {
      build.pull();
      build.build();
      build.push(ALWAYS);
    }
    assertThat(served(tag)).isPresent();

    TestCertificate stranger = TestCertificate.in(strangers);
    Files.copy(stranger.certificate(), strangers.resolve("ca.pem"));
    Map<String, String> refused = new HashMap<>(secured);
    refused.put("DOCKER_CERT_PATH", strangers.toString());
    assertThat(DockerEngine.docker(refused, Sleeper.system()).check())
        .isInstanceOf(EngineCheck.Unable.class);
    refused.put("DOCKER_CERT_PATH", strangers.resolve("nowhere").toString());
    assertThat(DockerEngine.docker(refused, Sleeper.system()).check())
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class, unable -> assertThat(unable.why()).contains("cert.pem"));
  }

  @Test
  void saysWhatTheClassicBuilderCannotDoWithItsLine() throws Exception {
    for (String line :
        List.of("RUN --mount=type=cache,target=/x true", "COPY --chmod=7 a b", "COPY <<E /a\nE")) {
      assertThat(engine().canBuild(Dockerfile.parse("FROM x\n" + line), BuildOptions.DEFAULTS))
          .isInstanceOfSatisfying(
              EngineCheck.Unable.class,
              unable -> assertThat(unable.why()).startsWith("Dockerfile line 2: Docker's classic"));
    }
  }

  /** What Quay's worker does with a cached tag: its steps are not run again. */
  @Test
  void takesStepsFromAnImageOfARegistryAndThenSendsNothing() throws Exception {
    ImageReference base = busybox();
    ImageReference tag = fresh("cached");
    file("Dockerfile", "FROM " + base + "\nRUN echo made > /made\n");
    PushResult first = run(request(BuildOptions.DEFAULTS, tag), ALWAYS);

    BuildOptions cached =
        new BuildOptions(
            Map.of(),
            Map.of(),
            null,
            false,
            null,
            List.of(),
            RunInputs.NONE,
            new CacheRefs(List.of(fresh("no-cache-there"), tag), List.of()));
    PushResult second = run(request(cached, tag, tag.withTag("v2")), ALWAYS);

    assertThat(second.digests()).isEqualTo(first.digests());
    assertThat(log.text()).contains("Using cache").contains("is not used");
    assertThat(log.text().substring(log.text().indexOf("Using cache"))).doesNotContain(": Pushed");
  }

  /** Its label alone would make every image a new one. */
  @Test
  void anImageThatDidNotChangeKeepsTheTimeOfTheFirstAndAnyOtherGetsItsOwn() throws Exception {
    ImageReference base = busybox();
    ImageReference tag = fresh("dated");
    file("Dockerfile", "FROM " + base + "\nRUN echo made > /made\n");
    PushResult first = run(request(dated("2026-01-02T03:04:05Z", tag), tag), ALWAYS);
    PushResult same = run(request(dated("2026-01-03T00:00:00Z", tag), tag), ALWAYS);

    assertThat(same).isEqualTo(first);
    assertThat(created(tag)).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(PulledImage.pull(tag).text("made")).isEqualTo("made\n");

    file("Dockerfile", "FROM " + base + "\nRUN echo made > /made\nRUN echo more > /more\n");
    PushResult other = run(request(dated("2026-01-04T00:00:00.5Z", tag), tag), ALWAYS);

    assertThat(other.imageId()).isNotEqualTo(first.imageId());
    PulledImage pulled = PulledImage.pull(tag);
    assertThat(pulled.text("more")).isEqualTo("more\n");
    assertThat(created(tag)).isEqualTo("2026-01-04T00:00:00Z");
    assertThat(log.text().substring(log.text().lastIndexOf("Step 2/"))).contains("Using cache");
  }

  private static BuildOptions dated(String time, ImageReference cache) {
    CacheRefs refs = new CacheRefs(List.of(cache), List.of());
    return new BuildOptions(Map.of(), Map.of(), null, false, null, List.of(), RunInputs.NONE, refs)
        .withLabels(Map.of("a", "b"), Instant.parse(time));
  }

  private static String created(ImageReference tag) throws Exception {
    JsonNode labels = PulledImage.pull(tag).config().path("Labels");
    assertThat(labels.path("a").asText()).isEqualTo("b");
    return labels.path(BuildOptions.CREATED).asText();
  }

  /** Docker's daemon removes it by itself, and the image below it cannot go before. */
  @Test
  void aContainerOfWhichTheDaemonHadNotToldYetKeepsNoImage() throws Exception {
    ImageReference base = busybox();
    String before = everything();
    file("Dockerfile", "FROM " + base + "\nRUN echo first > /a\nRUN sleep 23; echo over\n");
    BuildRequest request = request(BuildOptions.DEFAULTS, fresh("never"));

    assertEndsOnInterrupt(
        () -> await().until(() -> !sleepers("23").isEmpty()),
        () -> {
          try (EngineBuild build = engine().open(request, new DeafFromStep(3))) {
            build.pull();
            build.build();
          }
        });

    assertThat(leftAfter(before)).isEmpty();
    assertThat(sleepers("23")).isEmpty();
  }

  /** Holds what the daemon says back from this step on. */
  private record DeafFromStep(int first) implements EngineLog {
    @Override
    public void step(int number, int total, String instruction) {
      if (number < first) {
        return;
      }
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void output(String text) {}

    @Override
    public void status(String status) {}

    @Override
    public void progress(String id, String status, long current, long total) {}
  }

  /** The platform's fault: the manager tries again elsewhere. */
  @Test
  void aDaemonThatIsKilledIsNoFaultOfTheBuild(@TempDir Path other) throws Exception {
    ImageReference base = busybox();
    try (ContainerDaemon victim = ContainerDaemon.docker(other)) {
      BuildEngine engine =
          DockerEngine.docker(Map.of("DOCKER_HOST", victim.host()), Sleeper.system());
      file("Dockerfile", "FROM " + base + "\nRUN echo begun; sleep 21\n");
      BuildRequest request = request(BuildOptions.DEFAULTS, fresh("never"));
      AtomicReference<Exception> end = new AtomicReference<>();
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (EngineBuild build = engine.open(request, log)) {
                      build.pull();
                      build.build();
                    } catch (EngineFailure | InterruptedException e) {
                      end.set(e);
                    }
                  });
      await().until(() -> log.lines().contains("begun\n"));
      victim.kill();
      thread.join();

      assertThat(end.get())
          .isInstanceOfSatisfying(
              EngineFailure.class,
              failure -> assertThat(failure.code()).isEqualTo(FailureCode.DOCKER_CONNECT_ERROR));
    }
  }
}
