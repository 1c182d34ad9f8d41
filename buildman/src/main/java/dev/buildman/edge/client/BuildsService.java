package dev.buildman.edge.client;

import dev.buildman.buildlogs.LogPage;
import dev.buildman.intake.Answer;
import dev.buildman.intake.BuildCreation;
import dev.buildman.intake.BuildReader;
import dev.buildman.intake.BuildView;
import dev.buildman.intake.BuildWatch;
import dev.buildman.intake.LogFollow;
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
import dev.buildman.proto.v1.ListWorkersResponse;
import dev.buildman.proto.v1.RetryBuildRequest;
import dev.buildman.proto.v1.SetExecutorRequest;
import dev.buildman.proto.v1.Status;
import dev.buildman.proto.v1.TailLogsRequest;
import dev.buildman.proto.v1.TailLogsResponse;
import dev.buildman.proto.v1.UploadSourceRequest;
import dev.buildman.proto.v1.UploadSourceResponse;
import dev.buildman.proto.v1.WatchBuildRequest;
import dev.buildman.proto.v1.WatchBuildResponse;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Supplier;

/** The clients' API: translates and hands on. Its calls run on virtual threads and may block. */
final class BuildsService extends BuildsGrpc.BuildsImplBase {

  private final ClientUseCases useCases;

  BuildsService(ClientUseCases useCases) {
    this.useCases = useCases;
  }

  @Override
  public void createBuild(
      CreateBuildRequest request, StreamObserver<CreateBuildResponse> response) {
    answer(
        "CreateBuild",
        response,
        () -> created(useCases.changing().creation().run(RequestReader.read(request))));
  }

  @Override
  public void retryBuild(RetryBuildRequest request, StreamObserver<CreateBuildResponse> response) {
    answer(
        "RetryBuild",
        response,
        () ->
            created(
                useCases.changing().retry().run(request.getBuildId(), request.getNewBuildId())));
  }

  private static CreateBuildResponse created(Answer<BuildCreation.Created> answer) {
    BuildCreation.Created created = done(answer);
    return CreateBuildResponse.newBuilder()
        .setBuild(BuildMessages.build(created.build()))
        .setExisting(created.existing())
        .build();
  }

  @Override
  public StreamObserver<UploadSourceRequest> uploadSource(
      StreamObserver<UploadSourceResponse> response) {
    return new UploadCall(useCases.sources(), response);
  }

  @Override
  public void getBuild(GetBuildRequest request, StreamObserver<Build> response) {
    answer(
        "GetBuild",
        response,
        () -> {
          BuildReader builds = useCases.reading().builds();
          BuildView view = done(builds.get(request.getBuildId()));
          Build build = BuildMessages.build(view);
          if (!request.getEvents()) {
            return build;
          }
          return build.toBuilder()
              .addAllEvents(builds.history(view.id()).stream().map(BuildMessages::event).toList())
              .build();
        });
  }

  @Override
  public void listBuilds(ListBuildsRequest request, StreamObserver<ListBuildsResponse> response) {
    answer(
        "ListBuilds",
        response,
        () -> {
          BuildReader.Page page =
              done(useCases.reading().builds().list(RequestReader.read(request)));
          return ListBuildsResponse.newBuilder()
              .addAllBuilds(page.builds().stream().map(BuildMessages::build).toList())
              .setNextPageToken(page.next())
              .build();
        });
  }

  @Override
  public void cancelBuild(CancelBuildRequest request, StreamObserver<Build> response) {
    answer(
        "CancelBuild",
        response,
        () -> {
          Answer<BuildView> cancelled =
              useCases
                  .changing()
                  .cancel()
                  .run(request.getBuildId(), request.getReason(), request.getBy());
          return BuildMessages.build(done(cancelled));
        });
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<Status> response) {
    answer("GetStatus", response, () -> StatusMessage.of(useCases.operating().status().read()));
  }

  @Override
  public void listWorkers(
      ListWorkersRequest request, StreamObserver<ListWorkersResponse> response) {
    answer(
        "ListWorkers",
        response,
        () ->
            ListWorkersResponse.newBuilder()
                .addAllWorkers(
                    useCases.operating().workers().list(request.getExecutor()).stream()
                        .map(StatusMessage::worker)
                        .toList())
                .build());
  }

  @Override
  public void setExecutor(SetExecutorRequest request, StreamObserver<ExecutorStatus> response) {
    answer(
        "SetExecutor",
        response,
        () ->
            StatusMessage.executor(
                done(
                    useCases
                        .operating()
                        .executors()
                        .run(
                            request.getName(),
                            request.getDisabled(),
                            request.getReason(),
                            request.getBy()))));
  }

  @Override
  public void watchBuild(WatchBuildRequest request, StreamObserver<WatchBuildResponse> response) {
    ResponseStream.start(
        "WatchBuild",
        response,
        stream -> {
          ClientUseCases.Reading reading = useCases.reading();
          Answer<BuildWatch> opened =
              BuildWatch.open(
                  reading.builds(),
                  reading.hints(),
                  request.getBuildId(),
                  RequestReader.seen(request));
          try (BuildWatch watch = done(opened)) {
            Optional<BuildWatch.Change> change = watch.next();
            while (change.isPresent()) {
              stream.send(message(change.get()));
              change = watch.next();
            }
          }
        });
  }

  private static WatchBuildResponse message(BuildWatch.Change change) {
    return WatchBuildResponse.newBuilder()
        .setBuild(BuildMessages.build(change.build()))
        .addAllEvents(change.events().stream().map(BuildMessages::event).toList())
        .setCursor(change.cursor())
        .build();
  }

  @Override
  public void tailLogs(TailLogsRequest request, StreamObserver<TailLogsResponse> response) {
    ResponseStream.start(
        "TailLogs",
        response,
        stream -> {
          ClientUseCases.Reading reading = useCases.reading();
          Answer<LogFollow> opened =
              LogFollow.open(
                  reading.builds(),
                  reading.logs(),
                  request.getBuildId(),
                  request.getFrom(),
                  request.getFollow());
          try (LogFollow follow = done(opened)) {
            Optional<LogPage> page = follow.next();
            while (page.isPresent()) {
              stream.send(LogMessages.page(page.get()));
              page = follow.next();
            }
          }
        });
  }

  private static <T> T done(Answer<T> answer) {
    return switch (answer) {
      case Answer.Done<T>(T value) -> value;
      case Answer.Invalid<T> invalid -> throw Statuses.invalid(invalid.violations());
      case Answer.Denied<T> denied ->
          throw Statuses.denied(denied.denial(), denied.text(), denied.detail());
    };
  }

  private static <T> void answer(String call, StreamObserver<T> response, Supplier<T> work) {
    T message;
    try {
      message = work.get();
    } catch (RuntimeException e) {
      response.onError(Statuses.failed(e, call));
      return;
    }
    response.onNext(message);
    response.onCompleted();
  }
}
