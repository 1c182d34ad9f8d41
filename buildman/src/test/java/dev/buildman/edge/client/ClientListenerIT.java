package dev.buildman.edge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.GetStatusRequest;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class ClientListenerIT {

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
  void reflectionListsTheServicesSoThatGrpcurlNeedsNoFile() throws Exception {
    CompletableFuture<List<String>> services = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel).serverReflectionInfo(listing(services));
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(services.get(5, TimeUnit.SECONDS))
        .contains("buildman.v1.Builds", "grpc.health.v1.Health");
    requests.onCompleted();
  }

  @Test
  void healthSaysServing() {
    HealthCheckRequest request =
        HealthCheckRequest.newBuilder().setService("buildman.v1.Builds").build();
    assertThat(HealthGrpc.newBlockingStub(channel).check(request).getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void everyCallNeedsTheApiTokenWhereThereIsOne() {
    clients.tokens("right", "another");
    assertThatThrownBy(() -> status(channel)).hasMessageContaining("wants an API token");
    assertThatThrownBy(() -> status(with("Bearer wrong"))).hasMessageContaining("wrong");
    assertThatThrownBy(() -> status(with("Bearer "))).hasMessageContaining("UNAUTHENTICATED");
    assertThatThrownBy(() -> status(with("Basic right"))).hasMessageContaining("UNAUTHENTICATED");
    HealthCheckRequest health = HealthCheckRequest.getDefaultInstance();
    assertThatThrownBy(() -> HealthGrpc.newBlockingStub(channel).check(health))
        .hasMessageContaining("UNAUTHENTICATED");
    status(with("Bearer right"));
    status(with("bearer another"));
  }

  @Test
  void aTokenThatWasTakenOutOfTheFileStopsWorking() {
    clients.tokens("old");
    status(with("Bearer old"));
    clients.tokens("new");
    assertThatThrownBy(() -> status(with("Bearer old"))).hasMessageContaining("UNAUTHENTICATED");
  }

  @Test
  void anAddressThatOthersCanReachIsRefusedWithoutAToken() {
    ClientListenerSettings settings =
        new ClientListenerSettings(new InetSocketAddress("0.0.0.0", 0), Optional.empty(), List::of);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClientListener(settings, null).close())
        .withMessageContaining("API_TOKEN");
  }

  private Channel with(String authorization) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static void status(Channel channel) {
    assertThat(
            BuildsGrpc.newBlockingStub(channel)
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getServerVersion())
        .isEqualTo("1.2.3");
  }

  private static StreamObserver<ServerReflectionResponse> listing(
      CompletableFuture<List<String>> services) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ServerReflectionResponse response) {
        services.complete(
            response.getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName)
                .toList());
      }

      @Override
      public void onError(Throwable failure) {
        services.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {
        services.completeExceptionally(new IllegalStateException("no answer"));
      }
    };
  }
}
