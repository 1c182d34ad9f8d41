package dev.buildman.edge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.util.JsonFormat;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.GetBuildRequest;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input at the clients' edge: each is INVALID_ARGUMENT, names its field, says what is wrong
 * with it, and leaves nothing behind.
 */
@RedisTest
class BadRequestIT {
  private static final String DOCKERFILE = "FROM scratch\n";

  @TempDir private Path folder;
  private TestOrchestrator all;
  private TestClients clients;
  private ManagedChannel channel;
  private BuildsGrpc.BuildsBlockingStub builds;

  @BeforeEach
  void start(TestRedis redis) {
    all = new TestOrchestrator(redis);
    clients = new TestClients(all, folder);
    channel =
        Grpc.newChannelBuilder(clients.address(), InsecureChannelCredentials.create()).build();
    builds = BuildsGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    clients.close();
  }

  static List<Arguments> badInput() {
    return List.of(
        bad("acme", "spec.repository", "namespace/name", good().setRepository("acme")),
        bad("upper case", "spec.repository", "lower-case", good().setRepository("acme/App")),
        bad("no tag", "spec.tags[0]", "tag", good().clearTags().addTags("")),
        bad("tag with a slash", "spec.tags[1]", "tag", good().addTags("a/b")),
        bad("registry with a scheme", "spec.registry", "host", good().setRegistry("http://h")),
        bad("no source", "spec.source", "source", good().clearSource()),
        bad("context up", "spec.context", "..", packed("http://h/x").setContext("../up")),
        bad(
            "absolute Dockerfile",
            "spec.dockerfile",
            "",
            packed("http://h/x").setDockerfile("/etc/passwd")),
        bad(
            "Dockerfile up",
            "spec.dockerfile",
            "..",
            packed("http://h/x").setDockerfile("a/../../b")),
        bad("option for git", "spec.git.url", "cannot begin with '-'", git("-uorigin")),
        bad(
            "git's upload-pack",
            "spec.git.url",
            "cannot begin with '-'",
            git("--upload-pack=touch x")),
        bad("ext::", "spec.git.url", "'ext::' transport is refused", git("ext::id")),
        bad("file:", "spec.git.url", "'file:' is refused", git("file:///etc")),
        bad("package from a file", "spec.package_url", "http", packed("file:///etc/passwd")),
        bad("package by ftp", "spec.package_url", "http", packed("ftp://h/x.tgz")),
        bad("HTML in a data URL", "spec.package_url", "", packed("data:text/html,x")),
        bad(
            "digest of no package",
            "spec.package_digest",
            "package_url",
            good().setPackageDigest("sha256:00")),
        bad(
            "upload that is not there",
            "spec.uploaded_source",
            "upload it",
            good().setUploadedSource("sha256:" + "0".repeat(64))),
        bad("empty Dockerfile", "spec.inline_dockerfile", "", good().setInlineDockerfile(" \n")));
  }

  private static Arguments bad(String name, String field, String words, BuildSpec.Builder spec) {
    return Arguments.of(name, field, words, spec.build());
  }

  private static BuildSpec.Builder good() {
    return BuildSpec.newBuilder()
        .setRepository("acme/app")
        .addTags("latest")
        .setInlineDockerfile(DOCKERFILE);
  }

  private static BuildSpec.Builder packed(String url) {
    return good().setPackageUrl(url);
  }

  private static BuildSpec.Builder git(String url) {
    return good().setGit(GitSource.newBuilder().setUrl(url));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void badInput(String name, String field, String words, BuildSpec spec) {
    Failure failure = Failure.of(() -> create(spec));

    assertThat(failure.code()).as(name).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.fields()).as(name).containsExactly(field);
    assertThat(failure.violations().get(field)).as(name).isNotBlank().contains(words);
    assertThat(failure.text()).as("what a person without the details reads").contains(field);
    assertNothingWasStored();
  }

  @Test
  void aMalformedIdIsNamedByEachCall() {
    String id = "ABCDEF00-0000-4000-8000-000000000000";
    List<Failure> failures =
        List.of(
            Failure.of(
                () ->
                    builds.createBuild(
                        CreateBuildRequest.newBuilder().setBuildId(id).setSpec(good()).build())),
            Failure.of(() -> builds.getBuild(GetBuildRequest.newBuilder().setBuildId(id).build())),
            Failure.of(
                () -> builds.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(id).build())));

    for (Failure failure : failures) {
      assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(failure.violations().get("build_id")).contains("UUID");
    }
    assertNothingWasStored();
  }

  /** All sources are of one oneof, so two cannot be said; who tries in JSON is told. */
  @Test
  void twoSourcesCannotBeSaid() {
    List<String> sources =
        BuildSpec.getDescriptor().getOneofs().getFirst().getFields().stream()
            .map(FieldDescriptor::getName)
            .toList();
    assertThat(sources)
        .containsExactlyInAnyOrder(
            "package_url", "git", "inline_dockerfile", "uploaded_source", "source_image");

    assertThatThrownBy(
            () ->
                JsonFormat.parser()
                    .merge(
                        "{\"packageUrl\": \"http://h/x\", \"inlineDockerfile\": \"FROM a\"}",
                        BuildSpec.newBuilder()))
        .hasMessageContaining("same oneof")
        .hasMessageContaining("package_url");
  }

  @Test
  void anOversizedRequestIsRefusedWithTheLimit() {
    BuildSpec huge =
        good()
            .putSecrets("id", ByteString.copyFrom(new byte[ClientListener.LARGEST_REQUEST]))
            .build();

    Failure failure = Failure.of(() -> create(huge));

    assertThat(failure.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(failure.text()).contains(String.valueOf(ClientListener.LARGEST_REQUEST));
    assertNothingWasStored();
  }

  private void create(BuildSpec spec) {
    builds.createBuild(CreateBuildRequest.newBuilder().setSpec(spec).build());
  }

  private void assertNothingWasStored() {
    assertThat(all.status.read().queue().depth()).isZero();
    assertThat(all.redis().raw().exists(all.keys().tag() + "by/all")).isZero();
  }
}
