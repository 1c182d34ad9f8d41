package dev.buildman.agent.source;

/** What a package is. */
enum PackageKind {
  TAR_GZIP,
  TAR,
  ZIP,
  DOCKERFILE
}
