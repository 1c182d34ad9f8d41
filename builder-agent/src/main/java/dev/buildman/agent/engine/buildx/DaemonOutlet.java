package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.engine.docker.Daemon;
import dev.buildman.agent.engine.docker.DaemonAddress;
import dev.buildman.agent.engine.docker.DaemonException;
import dev.buildman.agent.engine.docker.Export;
import dev.buildman.agent.engine.docker.KnownImages;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Docker daemon that BuildKit is a part of: the image is taken out of it and removed there. */
final class DaemonOutlet implements Outlet {
  private static final Logger log = LoggerFactory.getLogger(DaemonOutlet.class);

  private final DaemonAddress address;
  private final BuildRequest request;
  private final RegistryClients clients;
  private final KnownImages known;
  private final String name = "localhost/buildman/" + UUID.randomUUID() + ":build";

  DaemonOutlet(DaemonAddress address, BuildRequest request, RegistryClients clients) {
    this.address = address;
    this.request = request;
    this.clients = clients;
    this.known = new KnownImages(request.workDir());
  }

  @Override
  public String argument() {
    return "type=docker,name=" + name;
  }

  @Override
  public void base(RegistryClient registry, Repository repository, Manifest manifest)
      throws RegistryException, InterruptedException {
    known.learn(registry, repository, manifest);
  }

  @Override
  public PushableImage take() throws EngineFailure, IOException, InterruptedException {
    try (Daemon daemon = Daemon.at(address)) {
      String id = daemon.image(name).map(image -> image.path("Id").asText()).orElse("");
      if (id.isEmpty()) {
        throw EngineFailure.of(
            FailureCode.BUILD_RUN_ERROR, "the daemon does not have the image that it built");
      }
      return new Export(daemon, known, request, clients).of(name, id, UnaryOperator.identity());
    } catch (DaemonException e) {
      throw EngineFailure.of(FailureCode.DOCKER_CONNECT_ERROR, e.message(), e);
    }
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try (Daemon daemon = Daemon.at(address)) {
      daemon.remove(name);
    } catch (DaemonException e) {
      if (!e.isNotFound()) {
        log.warn("a build is left in its daemon: image={}, because={}", name, e.message());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
