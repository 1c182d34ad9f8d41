package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.registry.ImageReference;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command line of {@code buildah build}. It holds no value of an argument and no secret. */
final class BuildCommand {
  private static final int PERIOD = 100_000; // microseconds, the kernel's own

  private final BuildRequest request;
  private final BuildPlan plan;
  private final World world;

  BuildCommand(BuildRequest request, BuildPlan plan, World world) {
    this.request = request;
    this.plan = plan;
    this.world = world;
  }

  /**
   * The arguments after {@code buildah}.
   *
   * @param idFile gets the image's id
   * @param arguments of the build
   * @param secrets options that name the files of secrets
   * @param cached whether steps are taken from and put into registries
   */
  List<String> arguments(Path idFile, Arguments arguments, List<String> secrets, boolean cached) {
    BuildOptions options = request.options();
    List<String> command = new ArrayList<>(List.of("build"));
    command.addAll(world.policy());
    command.add("--isolation=" + world.isolation());
    // Docker's format keeps HEALTHCHECK, ONBUILD and SHELL, which OCI's has no place for.
    command.add("--format=docker");
    command.add("--pull=never");
    command.add("--iidfile=" + idFile);
    // All that the steps print through one pipe: of two, the end of a step could be read after the
    // beginning of the next. Only buildah's own error stays on the other.
    command.add("--logfile=/dev/stdout");
    arguments.environment().keySet().stream()
        .sorted()
        .forEach(n -> command.add("--build-arg=" + n));
    options.labels().forEach((name, value) -> command.add("--label=" + name + "=" + value));
    command.addAll(secrets);
    command.addAll(cached ? cache() : List.of("--layers=false"));
    command.addAll(limits());
    command.add("--build-context=" + Preparation.CONTEXT + "=" + world.file(World.STAGED));
    addRest(command, options);
    return command;
  }

  private void addRest(List<String> command, BuildOptions options) {
    if (options.target() != null && !options.target().isEmpty()) {
      command.add("--target=" + plan.graph().target().label());
    }
    if (options.noCache()) {
      command.add("--no-cache");
    }
    if (options.sourceDate() != null) {
      command.add("--timestamp=" + options.sourceDate().getEpochSecond());
    }
    if (options.platform() != null) {
      command.add("--platform=" + options.platform());
    }
    Path ignore = ignoreFile();
    if (ignore != null) {
      command.add("--ignorefile=" + ignore);
    }
    command.add("--file=" + world.file(World.DOCKERFILE));
    command.add("--");
    command.add(request.context().directory().toString());
  }

  /** The storage is new, so layers of single steps serve only caches elsewhere. */
  private List<String> cache() {
    List<String> command = new ArrayList<>(List.of("--layers"));
    command.add("--authfile=" + world.file(World.AUTH));
    for (ImageReference from : request.options().cache().from()) {
      command.add("--cache-from=" + from.repository());
    }
    for (ImageReference to : request.options().cache().to()) {
      command.add("--cache-to=" + to.repository());
    }
    return command;
  }

  /** A container runtime makes the limits itself; in a chroot {@link ControlGroup} does. */
  private List<String> limits() {
    List<String> command = new ArrayList<>();
    if (!world.isolation().equals("chroot")) {
      long cpu = request.options().run().cpuMillis();
      long memory = request.options().run().memoryBytes();
      if (cpu > 0) {
        command.add("--cpu-period=" + PERIOD);
        command.add("--cpu-quota=" + cpu * PERIOD / 1000);
      }
      if (memory > 0) {
        command.add("--memory=" + memory + "b");
      }
    }
    return command;
  }

  /** The ignore file of this Dockerfile alone, else the context's; never through a link. */
  private @Nullable Path ignoreFile() {
    Path dockerfile = request.context().dockerfile();
    Path own = dockerfile.resolveSibling(dockerfile.getFileName() + ".dockerignore");
    Path shared = request.context().directory().resolve(".dockerignore");
    for (Path file : List.of(own, shared)) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return file;
      }
    }
    return null;
  }
}
