package dev.buildman.edge.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.UploadSourceRequest;
import dev.buildman.proto.v1.UploadSourceResponse;
import dev.buildman.sources.SourceDigest;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
@Timeout(30)
class UploadSourceIT {

  private static final byte[] DOCKERFILE = "FROM scratch\n".getBytes(UTF_8);
  private static final String DIGEST = SourceDigest.of(DOCKERFILE).toString();

  @TempDir Path folder;
  private TestClients clients;
  private ManagedChannel channel;

  @BeforeEach
  void start(TestRedis redis) {
    clients = new TestClients(new TestOrchestrator(redis), folder);
    channel =
        Grpc.newChannelBuilder(clients.address(), InsecureChannelCredentials.create()).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    clients.close();
  }

  @Test
  void anUploadIsStoredOnceAndCanBeBuilt() throws Exception {
    UploadSourceResponse first = upload(DIGEST, DOCKERFILE.length, "text/plain").get();
    assertThat(first.getDigest()).isEqualTo(DIGEST);
    assertThat(first.getExisting()).isFalse();
    assertThat(upload(DIGEST, DOCKERFILE.length, "text/plain").get().getExisting()).isTrue();
    BuildSpec spec =
        BuildSpec.newBuilder().setRepository("acme/app").setUploadedSource(DIGEST).build();
    Build build =
        BuildsGrpc.newBlockingStub(channel)
            .createBuild(CreateBuildRequest.newBuilder().setSpec(spec).build())
            .getBuild();
    assertThat(build.getSource()).isEqualTo(DIGEST);
  }

  @Test
  void aWrongUploadNamesItsFieldAndLeavesNothing() throws Exception {
    String other = SourceDigest.of("else".getBytes(UTF_8)).toString();
    assertRefused(upload(other, DOCKERFILE.length, "text/plain"), "header.digest");
    assertRefused(upload(DIGEST, 5, "text/plain"), "header.size");
    assertRefused(upload(DIGEST, 2 << 20, "text/plain"), "MAX_SIZE");
    assertRefused(upload(DIGEST, DOCKERFILE.length, "text/html"), "header.content_type");
    assertRefused(upload(DIGEST, DOCKERFILE.length, "application/zip"), "header.content_type");
    assertRefused(upload("sha256:x", -1, "text/plain"), "header.size");
    await().untilAsserted(() -> assertThat(folder.resolve("tmp")).isEmptyDirectory());
    assertThat(clients.store().find(SourceDigest.parse(DIGEST).orElseThrow())).isEmpty();
  }

  @Test
  void anUploadWithoutAHeaderIsRefused() {
    CompletableFuture<UploadSourceResponse> answer = new CompletableFuture<>();
    StreamObserver<UploadSourceRequest> requests =
        BuildsGrpc.newStub(channel).uploadSource(observer(answer));
    requests.onNext(chunk());
    assertRefused(answer, "first message");
  }

  @Test
  void anUploadWhoseClientGoesAwayLeavesNothing() {
    CompletableFuture<UploadSourceResponse> answer = new CompletableFuture<>();
    StreamObserver<UploadSourceRequest> requests =
        BuildsGrpc.newStub(channel).uploadSource(observer(answer));
    requests.onNext(header(DIGEST, DOCKERFILE.length, "text/plain"));
    await()
        .untilAsserted(() -> assertThat(folder.resolve("tmp")).isDirectoryContaining(any -> true));
    requests.onError(new IllegalStateException("the client is gone"));
    await().untilAsserted(() -> assertThat(folder.resolve("tmp")).isEmptyDirectory());
  }

  private static void assertRefused(CompletableFuture<UploadSourceResponse> answer, String text) {
    assertThatThrownBy(answer::get)
        .hasCauseInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining(text);
  }

  private CompletableFuture<UploadSourceResponse> upload(String digest, long size, String type) {
    CompletableFuture<UploadSourceResponse> answer = new CompletableFuture<>();
    StreamObserver<UploadSourceRequest> requests =
        BuildsGrpc.newStub(channel).uploadSource(observer(answer));
    requests.onNext(header(digest, size, type));
    requests.onNext(chunk());
    requests.onCompleted();
    return answer;
  }

  private static UploadSourceRequest chunk() {
    return UploadSourceRequest.newBuilder().setChunk(ByteString.copyFrom(DOCKERFILE)).build();
  }

  private static UploadSourceRequest header(String digest, long size, String type) {
    UploadSourceRequest.Header header =
        UploadSourceRequest.Header.newBuilder()
            .setDigest(digest)
            .setSize(size)
            .setContentType(type)
            .build();
    return UploadSourceRequest.newBuilder().setHeader(header).build();
  }

  private static StreamObserver<UploadSourceResponse> observer(
      CompletableFuture<UploadSourceResponse> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(UploadSourceResponse value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {
        answer.completeExceptionally(new IllegalStateException("no answer"));
      }
    };
  }
}
