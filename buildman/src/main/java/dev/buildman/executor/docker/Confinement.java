package dev.buildman.executor.docker;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;

/**
 * How much a worker's container may do: the least with which an engine works under each condition.
 */
enum Confinement {
  /**
   * No capability, no way to more of them, a read-only root: for Dockerfiles without RUN, and for
   * agents that only talk to a daemon.
   */
  RESTRICTED,
  /** RUN in user namespaces of the container's own, which Docker's seccomp profile forbids. */
  UNCONFINED,
  /** The worker owns its machine: for a daemon inside the worker. */
  PRIVILEGED;

  void confine(HostConfig host) {
    switch (this) {
      case RESTRICTED ->
          host.withCapDrop(Capability.ALL)
              .withReadonlyRootfs(true)
              .withSecurityOpts(List.of("no-new-privileges"));
      // newuidmap and newgidmap have file capabilities in the image: without these two, and
      // without the escalation that a file capability is, RUN gets no subordinate ids.
      case UNCONFINED ->
          host.withCapDrop(Capability.ALL)
              .withCapAdd(Capability.SETUID, Capability.SETGID)
              .withReadonlyRootfs(true)
              .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"));
      case PRIVILEGED -> host.withPrivileged(true);
    }
  }
}
