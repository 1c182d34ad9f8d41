package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.WorkerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes a worker's container, gives it what it needs, and starts it: three calls, of which a
 * manager's death may leave the first. What it leaves never runs, and its duty removes it.
 */
final class Launch {
  private final DockerSettings settings;
  private final Daemon daemon;
  private final ContainerLabels labels;
  private final Containers containers;
  private final WorkerImage image;
  private final WorkerSpec spec;

  Launch(
      DockerSettings settings,
      Daemon daemon,
      ContainerLabels labels,
      Containers containers,
      WorkerImage image) {
    this.settings = settings;
    this.daemon = daemon;
    this.labels = labels;
    this.containers = containers;
    this.image = image;
    this.spec = new WorkerSpec(settings, labels);
  }

  LaunchResult start(WorkerRequest request) {
    try {
      byte[] handedOver =
          HandOver.tar(request, !settings.common().tokenInEnv(), settings.worker().files());
      String id =
          spec.fill(daemon.calls().createContainerCmd(image.reference()), request).exec().getId();
      return begin(request, id, handedOver);
    } catch (NotFoundException e) {
      // Somebody removed it, or cleaned up: the next launch pulls it again.
      image.lost();
      return DaemonAnswer.launch(e, daemon.where());
    } catch (RuntimeException e) {
      return DaemonAnswer.isNameTaken(e)
          ? conflict(request, e)
          : DaemonAnswer.launch(e, daemon.where());
    } catch (IOException e) {
      return new LaunchResult.SurelyNothing(
          FailureClass.REFUSED, "a certificate for the worker cannot be read: " + e);
    }
  }

  private LaunchResult begin(WorkerRequest request, String id, byte[] handedOver) {
    try {
      daemon
          .calls()
          .copyArchiveToContainerCmd(id)
          .withRemotePath(HandOver.FOLDER)
          .withTarInputStream(new ByteArrayInputStream(handedOver))
          .exec();
      daemon.calls().startContainerCmd(id).exec();
      return new LaunchResult.Started(labels.id(id));
    } catch (NotModifiedException e) {
      return new LaunchResult.Started(labels.id(id));
    } catch (DockerException e) {
      LaunchResult result = DaemonAnswer.launch(e, daemon.where());
      return result instanceof LaunchResult.SurelyNothing ? takeBack(request, result) : result;
    } catch (RuntimeException e) {
      return new LaunchResult.Unknown(DaemonAnswer.words(e, daemon.where()));
    }
  }

  private LaunchResult takeBack(WorkerRequest request, LaunchResult result) {
    try {
      containers.remove(request.name());
      return result;
    } catch (RuntimeException e) {
      return new LaunchResult.Unknown(
          "a container was made and not started: " + DaemonAnswer.words(e, daemon.where()));
    }
  }

  /** The name is taken: by this very launch, or by a container on its way out. */
  private LaunchResult conflict(WorkerRequest request, RuntimeException conflict) {
    try {
      Optional<InspectContainerResponse> present = containers.inspect(request.name().value());
      if (present.isEmpty() || !labels.areOf(request, present.get().getConfig().getLabels())) {
        return new LaunchResult.Unknown(DaemonAnswer.words(conflict, daemon.where()));
      }
      return "created".equals(present.get().getState().getStatus())
          ? new LaunchResult.Unknown("a launch under this name was begun before")
          : new LaunchResult.Started(labels.id(present.get().getId()));
    } catch (RuntimeException e) {
      return new LaunchResult.Unknown(DaemonAnswer.words(e, daemon.where()));
    }
  }
}
