package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;

/**
 * How much a worker's pod may do. Each level is the least with which the engine works under its
 * conditions; which of them a namespace admits is its Pod Security level.
 */
enum Isolation {
  /** For Dockerfiles without RUN, on the embedded engine: passes the level "restricted". */
  RESTRICTED,
  /** RUN under a seccomp profile that lies on the nodes: passes the level "baseline". */
  BASELINE,
  /** As baseline, without a profile: for nodes that nobody prepared. */
  UNCONFINED,
  /** Root of a user namespace of the pod's own. */
  USERNS_ROOT,
  /** For old kernels only: the pod owns its node. */
  PRIVILEGED;

  /** The agent's user in its image, and its group. */
  static final long USER = 1000;

  boolean isRoot() {
    return this == USERNS_ROOT || this == PRIVILEGED;
  }

  /** Whether the pod asks for a user namespace, where the cluster has them. */
  boolean ownUsers(boolean offered) {
    return this == USERNS_ROOT || (this == BASELINE && offered);
  }

  PodSecurityContext ofPod() {
    PodSecurityContextBuilder pod = new PodSecurityContextBuilder();
    if (!isRoot()) {
      pod.withRunAsNonRoot(true).withRunAsUser(USER).withRunAsGroup(USER).withFsGroup(USER);
    }
    return pod.build();
  }

  SecurityContext ofContainer(String seccompProfile) {
    SecurityContextBuilder context = new SecurityContextBuilder();
    switch (this) {
      case RESTRICTED ->
          context
              .withAllowPrivilegeEscalation(false)
              .withReadOnlyRootFilesystem(true)
              .withNewCapabilities()
              .withDrop("ALL")
              .endCapabilities()
              .withNewSeccompProfile()
              .withType("RuntimeDefault")
              .endSeccompProfile();
      case BASELINE ->
          ofRootless(context)
              .withNewSeccompProfile()
              .withType("Localhost")
              .withLocalhostProfile(seccompProfile)
              .endSeccompProfile();
      case UNCONFINED ->
          ofRootless(context).withNewSeccompProfile().withType("Unconfined").endSeccompProfile();
      case USERNS_ROOT ->
          context
              .withRunAsUser(0L)
              .withAllowPrivilegeEscalation(false)
              .withNewCapabilities()
              .withAdd("SYS_ADMIN")
              .endCapabilities()
              .withNewSeccompProfile()
              .withType("RuntimeDefault")
              .endSeccompProfile();
      case PRIVILEGED -> context.withRunAsUser(0L).withPrivileged(true);
    }
    return context.build();
  }

  // newuidmap and newgidmap have file capabilities in the image: without these two, and without
  // the escalation that a file capability is, no process gets the subordinate ids that RUN needs.
  private static SecurityContextBuilder ofRootless(SecurityContextBuilder context) {
    return context
        .withAllowPrivilegeEscalation(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .withAdd("SETUID", "SETGID")
        .endCapabilities();
  }
}
