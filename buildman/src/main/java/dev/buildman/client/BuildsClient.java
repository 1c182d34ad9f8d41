package dev.buildman.client;

import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.CreateBuildResponse;
import dev.buildman.proto.v1.ExecutorStatus;
import dev.buildman.proto.v1.GetBuildRequest;
import dev.buildman.proto.v1.GetStatusRequest;
import dev.buildman.proto.v1.ListBuildsRequest;
import dev.buildman.proto.v1.ListBuildsResponse;
import dev.buildman.proto.v1.ListWorkersRequest;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.RetryBuildRequest;
import dev.buildman.proto.v1.SetExecutorRequest;
import dev.buildman.proto.v1.Status;
import dev.buildman.proto.v1.TailLogsRequest;
import dev.buildman.proto.v1.TailLogsResponse;
import dev.buildman.proto.v1.WatchBuildRequest;
import dev.buildman.proto.v1.WatchBuildResponse;
import dev.buildman.proto.v1.WorkerStatus;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Calls of the clients' API. Every method throws {@link CallFailed}; unary calls are bounded in
 * time, streams are not.
 *
 * <p>Safe for use by many threads.
 */
public final class BuildsClient implements AutoCloseable {

  /** An answered manager answers in milliseconds; this covers a Redis that is away for a moment. */
  private static final Duration CALL_LIMIT = Duration.ofSeconds(15);

  /** How long a manager that has answered before may be away; a restart takes seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  // A single log entry may be as large as a worker's message; a page holds many.
  private static final int LARGEST_MESSAGE = 32 << 20;

  private final Endpoint endpoint;
  private final ManagedChannel channel;
  private final BuildsGrpc.BuildsStub async;
  private final Ticker ticker = Ticker.system();
  private final Sleeper sleeper = Sleeper.system();
  private volatile boolean reached;

  private BuildsClient(Endpoint endpoint, ManagedChannel channel, ClientInterceptor token) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.async = BuildsGrpc.newStub(channel).withInterceptors(token);
  }

  /**
   * A client of the manager there; connects at the first call.
   *
   * @throws IOException when the certificate file cannot be read
   */
  public static BuildsClient open(Endpoint endpoint) throws IOException {
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(endpoint.host(), endpoint.port(), credentials(endpoint))
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .keepAliveTime(30, TimeUnit.SECONDS)
            .build();
    return new BuildsClient(endpoint, channel, bearer(endpoint));
  }

  private static ChannelCredentials credentials(Endpoint endpoint) throws IOException {
    if (!endpoint.tls()) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    if (endpoint.ca().isPresent()) {
      tls.trustManager(endpoint.ca().get().toFile());
    }
    return tls.build();
  }

  private static ClientInterceptor bearer(Endpoint endpoint) {
    Metadata headers = new Metadata();
    if (!endpoint.token().isEmpty()) {
      headers.put(AUTHORIZATION, "Bearer " + endpoint.token().reveal());
    }
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /**
   * Enqueues a build.
   *
   * @param request with a build id or an idempotency key, as the call is repeated once when its
   *     answer was lost
   */
  public CreateBuildResponse createBuild(CreateBuildRequest request) {
    return repeated(stub -> stub.createBuild(request));
  }

  public Build getBuild(String id) {
    return call(stub -> stub.getBuild(GetBuildRequest.newBuilder().setBuildId(id).build()));
  }

  /** The build with its history. */
  public Build getBuildWithEvents(String id) {
    GetBuildRequest request = GetBuildRequest.newBuilder().setBuildId(id).setEvents(true).build();
    return call(stub -> stub.getBuild(request));
  }

  /** Receives a piece of a log. */
  public interface LogReceiver {
    void accept(long index, List<LogEntry> entries);
  }

  /** Hands on what is in the log from an index on, and returns at its present end. */
  public void readLog(String id, long from, LogReceiver receiver) {
    try {
      tail(TailLogsRequest.newBuilder().setBuildId(id).setFrom(from).build())
          .forEachRemaining(page -> receiver.accept(page.getIndex(), page.getEntriesList()));
    } catch (StatusRuntimeException e) {
      throw failed(e);
    }
  }

  public ListBuildsResponse listBuilds(ListBuildsRequest request) {
    return call(stub -> stub.listBuilds(request));
  }

  public Build cancelBuild(CancelBuildRequest request) {
    return call(stub -> stub.cancelBuild(request));
  }

  /**
   * Enqueues an ended build again.
   *
   * @param request with the new build's id, as the call is repeated when its answer was lost
   */
  public CreateBuildResponse retryBuild(RetryBuildRequest request) {
    return repeated(stub -> stub.retryBuild(request));
  }

  public Status getStatus() {
    return call(stub -> stub.getStatus(GetStatusRequest.getDefaultInstance()));
  }

  /** Every worker that was not seen to end; of one executor, or of all where it is empty. */
  public List<WorkerStatus> listWorkers(String executor) {
    ListWorkersRequest request = ListWorkersRequest.newBuilder().setExecutor(executor).build();
    return call(stub -> stub.listWorkers(request)).getWorkersList();
  }

  /** Switches an executor off or on. */
  public ExecutorStatus setExecutor(SetExecutorRequest request) {
    return repeated(stub -> stub.setExecutor(request));
  }

  /**
   * The build now, then each change; ends after its terminal phase. Iterating throws gRPC's own
   * exception.
   */
  Iterator<WatchBuildResponse> watch(WatchBuildRequest request) {
    return blocking().watchBuild(request);
  }

  /** Log entries from an index on. Iterating throws gRPC's own exception. */
  Iterator<TailLogsResponse> tail(TailLogsRequest request) {
    return blocking().tailLogs(request);
  }

  BuildsGrpc.BuildsStub async() {
    return async;
  }

  CallFailed failed(StatusRuntimeException failure) {
    return CallFailed.of(failure, endpoint);
  }

  private BuildsGrpc.BuildsBlockingStub blocking() {
    return BuildsGrpc.newBlockingStub(async.getChannel());
  }

  // A manager that was there a moment ago comes back; one that never answered is not waited for.
  private <T> T repeated(Function<BuildsGrpc.BuildsBlockingStub, T> call) {
    long began = ticker.nanos();
    while (true) {
      try {
        return call(call);
      } catch (CallFailed e) {
        boolean patient = reached && ticker.since(began).compareTo(PATIENCE) < 0;
        if (e.kind() != CallFailed.Kind.UNREACHABLE || !patient) {
          throw e;
        }
        pause(e);
      }
    }
  }

  private void pause(CallFailed cause) {
    try {
      sleeper.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cause;
    }
  }

  /** The manager has answered: from now on its absence is taken for a restart. */
  void reached() {
    reached = true;
  }

  private <T> T call(Function<BuildsGrpc.BuildsBlockingStub, T> call) {
    try {
      T answer =
          call.apply(blocking().withDeadlineAfter(CALL_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
      reached();
      return answer;
    } catch (StatusRuntimeException e) {
      throw failed(e);
    }
  }

  /** Breaks off what is under way and lets the connection go. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
