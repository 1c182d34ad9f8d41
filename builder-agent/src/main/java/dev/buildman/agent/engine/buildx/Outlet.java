package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import java.io.IOException;
import java.nio.file.Path;

/** Where a built image goes, from where it is pushed. */
sealed interface Outlet extends AutoCloseable permits Outlet.Layout, DaemonOutlet {

  /** The value of {@code --output}. */
  String argument();

  /**
   * A base image was looked up, whose layers the built one has.
   *
   * @throws RegistryException when it cannot be read
   */
  void base(RegistryClient registry, Repository repository, Manifest manifest)
      throws RegistryException, InterruptedException;

  /** The image, once it is built. */
  PushableImage take() throws EngineFailure, IOException, InterruptedException;

  /** Removes what is left outside of the build's folder. */
  @Override
  void close();

  /**
   * A folder of the build: what every BuildKit can but the one inside of a Docker daemon that keeps
   * images in its own old way.
   */
  record Layout(Path folder) implements Outlet {
    @Override
    public String argument() {
      return "type=oci,tar=false,dest=" + folder;
    }

    @Override
    public void base(RegistryClient registry, Repository repository, Manifest manifest) {
      // BuildKit keeps the layers of base images as they are.
    }

    @Override
    public PushableImage take() throws IOException {
      return OciLayout.read(folder);
    }

    @Override
    public void close() {
      // It goes with the build's folder.
    }
  }
}
