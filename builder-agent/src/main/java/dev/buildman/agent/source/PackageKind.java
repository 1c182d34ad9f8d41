package dev.buildman.agent.source;

/** What a package is. */
enum PackageKind {
  /** Packed or not. */
  TAR,
  ZIP,
  DOCKERFILE
}
