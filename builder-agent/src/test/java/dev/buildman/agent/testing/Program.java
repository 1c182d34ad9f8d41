package dev.buildman.agent.testing;

import dev.buildman.agent.process.Executables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Programs that some tests need, with the Debian package of each. */
public enum Program {
  GIT("git", "git"),
  GIT_LFS("git-lfs", "git-lfs"),
  SSH("ssh", "openssh-client"),
  SSHD("sshd", "openssh-server"),
  SSH_KEYGEN("ssh-keygen", "openssh-client"),
  BUILDAH("buildah", "buildah"),
  DOCKER("docker", "docker.io"),
  DOCKERD("dockerd", "docker.io"),
  PODMAN("podman", "podman"),
  /** Not in Debian 12, so no test may demand it. */
  BUILDX("docker-buildx", "docker-buildx"),
  /** In no Debian; its project's own releases bring it. */
  BUILDKITD("buildkitd", "buildkit"),
  DOCKER_REGISTRY("docker-registry", "docker-registry"),
  BUSYBOX("busybox", "busybox-static");

  private final String program;
  private final String debianPackage;

  Program(String program, String debianPackage) {
    this.program = program;
    this.debianPackage = debianPackage;
  }

  /** The Debian package that brings it. */
  public String debianPackage() {
    return debianPackage;
  }

  /** Where it is, or empty. */
  public Optional<Path> find() {
    return new Executables(System.getProperty("buildman.test.path", "")).find(program);
  }

  /** Where it is; throws {@link IllegalStateException} naming the package when it is not. */
  public Path path() {
    return find()
        .filter(Files::isExecutable)
        .orElseThrow(() -> new IllegalStateException("install the package " + debianPackage));
  }
}
