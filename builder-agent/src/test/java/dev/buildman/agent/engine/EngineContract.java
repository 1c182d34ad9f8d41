package dev.buildman.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * What every engine does, against real registries. An engine's own test extends this and adds what
 * only it can do.
 */
public abstract class EngineContract extends EngineFixture {

  @Test
  void buildsSeveralStagesAndPushesWhatTheDockerfileSays() throws Exception {
    file("app", "program");
    file("conf/a.conf", "a");
    file("conf/deep/b.conf", "b");
    PulledImage image =
        image(
            """
            ARG NAME=default
            FROM scratch AS files
            COPY conf /etc/app/
            FROM scratch
            ARG NAME
            ARG HIDDEN=x
            LABEL name="$NAME" kind='plain text'
            ENV HOME=/home/app GREETING="hello $NAME"
            COPY --from=files /etc/app /etc/app
            COPY %sapp /usr/bin/app
            WORKDIR /srv
            WORKDIR data
            USER 1000:1000
            EXPOSE 80 53/udp
            VOLUME /data
            STOPSIGNAL SIGQUIT
            ENTRYPOINT ["/usr/bin/app"]
            CMD ["--port", "80"]
            """
                .formatted(changesModes() ? "--chmod=755 " : ""),
            options(Map.of("NAME", "given"), Map.of("commit", "abc", "kind", "ours"), null));
    assertThat(image.text("etc/app/deep/b.conf")).isEqualTo("b");
    assertThat(image.text("usr/bin/app")).isEqualTo("program");
    assertThat(image.files().get("usr/bin/app").mode()).isEqualTo(changesModes() ? 0755 : 0644);
    assertThat(image.words("Env")).contains("HOME=/home/app", "GREETING=hello given");
    assertThat(image.config().path("Labels").path("name").asText()).isEqualTo("given");
    assertThat(image.config().path("Labels").path("commit").asText()).isEqualTo("abc");
    assertThat(image.config().path("Labels").path("kind").asText()).isEqualTo("ours");
    assertThat(image.config().path("WorkingDir").asText()).isEqualTo("/srv/data");
    assertThat(image.config().path("User").asText()).isEqualTo("1000:1000");
    assertThat(image.config().path("ExposedPorts").has("53/udp")).isTrue();
    assertThat(image.config().path("ExposedPorts").has("80/tcp")).isTrue();
    assertThat(image.config().path("Volumes").has("/data")).isTrue();
    assertThat(image.config().path("StopSignal").asText()).isEqualTo("SIGQUIT");
    assertThat(image.words("Entrypoint")).containsExactly("/usr/bin/app");
    assertThat(image.words("Cmd")).containsExactly("--port", "80");
    assertThat(log.text()).contains("COPY --from=files /etc/app /etc/app");
  }

  @Test
  void pushesEveryTagAndReportsWhatTheRegistryServes() throws Exception {
    file("Dockerfile", "FROM scratch\nLABEL a=1\nCOPY Dockerfile /\n");
    ImageReference first = fresh("tags");
    ImageReference second = first.withTag("v1");
    ImageReference elsewhere = fresh("tags");
    PushResult result = run(request(BuildOptions.DEFAULTS, first, second, elsewhere), ALWAYS);
    for (ImageReference tag : List.of(first, second, elsewhere)) {
      assertThat(served(tag).map(Digest::toString))
          .hasValueSatisfying(digest -> assertThat(result.digests()).contains(digest));
    }
    assertThat(result.imageId())
        .isEqualTo(PulledImage.pull(first).manifest().config().digest().toString());
    assertThat(result.sizeBytes()).isPositive();
  }

  @Test
  void buildsOnABaseImageAndKeepsWhatItHas() throws Exception {
    ImageReference base = fresh("base");
    TestImages.push(
        base,
        """
        {"Env":["PATH=/usr/bin","LANG=C"],"Cmd":["sh"],"Labels":{"from":"base"},"User":"app","WorkingDir":"/srv"}
        """,
        List.of(
            List.of(
                TestImages.Item.folder("srv"),
                TestImages.Item.file("srv/kept", "kept"),
                TestImages.Item.file("srv/old", "old"))));
    file("new", "new");
    PulledImage image = image("FROM " + base + "\nCOPY new old\nENV X=$LANG\n");
    assertThat(image.text("srv/kept")).isEqualTo("kept");
    assertThat(image.text("srv/old")).isEqualTo("new");
    assertThat(image.words("Env")).contains("PATH=/usr/bin", "LANG=C", "X=C");
    assertThat(image.words("Cmd")).containsExactly("sh");
    assertThat(image.config().path("User").asText()).isEqualTo("app");
    assertThat(image.config().path("Labels").path("from").asText()).isEqualTo("base");
  }

  @Test
  void buildsOnlyTheTargetAndWhatItNeeds() throws Exception {
    file("a", "a");
    PulledImage image =
        image(
            "FROM scratch AS one\nCOPY a /one\nFROM "
                + fresh("missing")
                + " AS never\nCOPY a /never\n",
            options(Map.of(), Map.of(), "one"));
    assertThat(image.text("one")).isEqualTo("a");
    assertThat(image.text("never")).isNull();
  }

  @Test
  void buildsAnewWithoutACache() throws Exception {
    file("a", "a");
    PulledImage image =
        image(
            "FROM scratch\nCOPY a /a\n",
            new BuildOptions(
                Map.of(), Map.of(), null, true, null, List.of(), RunInputs.NONE, CacheRefs.NONE));
    assertThat(image.text("a")).isEqualTo("a");
  }

  @Test
  void keepsLinksAndModes() throws Exception {
    file("dir/tool", "tool");
    Files.setPosixFilePermissions(
        context.resolve("dir/tool"), PosixFilePermissions.fromString("rwxr-x---"));
    Files.createSymbolicLink(context.resolve("dir/link"), Path.of("tool"));
    Files.createSymbolicLink(context.resolve("dir/dangling"), Path.of("/nowhere"));
    PulledImage image = image("FROM scratch\nCOPY dir /dir\nCOPY --chown=12:34 dir/tool /owned\n");
    assertThat(image.files().get("dir/tool").mode()).isEqualTo(0750);
    assertThat(image.files().get("dir/link").target()).isEqualTo("tool");
    assertThat(image.files().get("dir/dangling").target()).isEqualTo("/nowhere");
    assertThat(image.files().get("owned").owner()).isEqualTo("12:34");
    assertThat(image.files().get("dir/tool").owner()).isEqualTo("0:0");
  }

  @Test
  void seesNothingThatTheIgnoreFileHides() throws Exception {
    file("keep", "1");
    file("secret", "2");
    file("sub/secret", "3");
    file(".dockerignore", "**/secret\n");
    PulledImage image = image("FROM scratch\nCOPY . /\n");
    assertThat(image.text("keep")).isEqualTo("1");
    assertThat(image.files().keySet()).noneMatch(path -> path.endsWith("secret"));
  }

  @Test
  void takesNothingFromOutsideOfTheContext() throws Exception {
    Files.writeString(folder.resolve("outside"), "SECRET");
    Files.createSymbolicLink(context.resolve("out"), Path.of("../outside"));
    Files.createSymbolicLink(context.resolve("up"), Path.of(".."));
    for (String source :
        List.of("../outside", "out", "up/outside", "../../../etc/passwd", folder + "/outside")) {
      file("Dockerfile", "FROM scratch\nCOPY " + source + " /stolen\n");
      ImageReference tag = fresh("escape");
      try {
        run(request(BuildOptions.DEFAULTS, tag), ALWAYS);
      } catch (EngineFailure e) {
        assertThat(e.code()).isIn(FailureCode.BUILD_ERROR, FailureCode.DOCKERFILE_ISSUE);
        continue;
      }
      assertThat(PulledImage.pull(tag).files().values())
          .noneMatch(entry -> entry.text().contains("SECRET") || entry.text().contains("root:"));
    }
  }

  @Test
  void runsTheTriggersOfTheBaseImage() throws Exception {
    ImageReference base = fresh("triggers");
    TestImages.push(
        base,
        "{\"OnBuild\":[\"COPY a /triggered\",\"ENV T=1\"]}",
        List.of(List.of(TestImages.Item.folder("etc"))));
    file("a", "a");
    PulledImage image = image("FROM " + base + "\nENV U=$T\n");
    assertThat(image.text("triggered")).isEqualTo("a");
    assertThat(image.words("Env")).contains("T=1", "U=1");
    assertThat(image.words("OnBuild")).isEmpty();
  }

  @Test
  void namesABaseImageThatIsNotThere() throws Exception {
    ImageReference missing = fresh("missing");
    EngineFailure failure = failureOf("FROM " + missing + "\n");
    assertThat(failure.code()).isEqualTo(FailureCode.CANNOT_PULL_BASE_IMAGE);
    assertThat(failure.message()).contains(missing.repository().path());
  }

  @Test
  void namesTheLineOfASyntaxErrorBeforeAnythingIsPulled() throws Exception {
    EngineFailure failure = failureOf("FROM " + fresh("missing") + "\n\nCOPPY a b\n");
    assertThat(failure.code()).isEqualTo(FailureCode.DOCKERFILE_ISSUE);
    assertThat(failure.line()).isEqualTo(3);
    assertThat(failure.message()).contains("line 3").contains("did you mean COPY?");
  }

  @Test
  void saysWhichFileIsMissingFromTheContext() throws Exception {
    EngineFailure failure = failureOf("FROM scratch\nCOPY no-such-file /\n");
    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.message()).contains("no-such-file");
  }

  @Test
  void reportsARegistryThatRefusesThePush() throws Exception {
    file("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    ImageReference tag = ImageReference.parse(closed.host() + "/contract/denied:latest");
    CredentialStore wrong =
        CredentialStore.of(
            Map.of(closed.host(), new Credentials(DockerRegistry.USER, "wrong-password")));
    EngineFailure failure = failureOf(request(BuildOptions.DEFAULTS, wrong, List.of(tag)), ALWAYS);
    assertThat(failure.code()).isEqualTo(FailureCode.PUSH_DENIED);
    assertThat(failure.message() + log.text()).doesNotContain("wrong-password");
  }

  @Test
  void pushesWithTheCredentialsOfTheRegistry() throws Exception {
    file("Dockerfile", "FROM scratch\nCOPY Dockerfile /d\n");
    ImageReference tag = ImageReference.parse(closed.host() + "/contract/allowed:latest");
    CredentialStore right =
        CredentialStore.of(
            Map.of(closed.host(), new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD)));
    run(request(BuildOptions.DEFAULTS, right, List.of(tag)), ALWAYS);
    assertThat(PulledImage.pull(tag, right).text("d")).startsWith("FROM scratch");
  }

  @Test
  void putsNoTagWithoutAPermit() throws Exception {
    file("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    ImageReference tag = fresh("revoked");
    PushPermit revoked =
        () -> {
          throw EngineFailure.of(FailureCode.CLIENT_REJECTED_TRANSITION, "the lease is lost");
        };
    EngineFailure failure = failureOf(request(BuildOptions.DEFAULTS, tag), revoked);
    assertThat(failure.code()).isEqualTo(FailureCode.CLIENT_REJECTED_TRANSITION);
    assertThat(served(tag)).isEmpty();
  }

  @Test
  void endsAtOnceWhenItIsCancelledWhileItWaitsForThePermit() throws Exception {
    file("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    ImageReference tag = fresh("cancelled");
    CountDownLatch asked = new CountDownLatch(1);
    BuildRequest request = request(BuildOptions.DEFAULTS, tag);
    assertEndsOnInterrupt(
        asked::await,
        () ->
            run(
                request,
                () -> {
                  asked.countDown();
                  new CountDownLatch(1).await();
                }));
    assertThat(served(tag)).isEmpty();
  }

  @Test
  void endsAtOnceWhenItIsCancelledInAPull() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              asked.countDown();
              over.await();
            })) {
      file("Dockerfile", "FROM " + server.host() + "/never/answers:latest\n");
      BuildRequest request = request(BuildOptions.DEFAULTS, fresh("cancelled"));
      assertEndsOnInterrupt(asked::await, () -> run(request, ALWAYS));
    } finally {
      over.countDown();
    }
  }
}
