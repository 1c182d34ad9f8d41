package dev.buildman.executor;

/** Which managers can see and stop the workers of an executor. */
public enum Scope {
  /** Any manager of the installation: Kubernetes, EC2, Docker over the network. */
  CLUSTER,
  /** Only a manager on the same host as the one that launched: local processes, a local socket. */
  HOST
}
