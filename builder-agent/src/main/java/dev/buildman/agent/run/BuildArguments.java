package dev.buildman.agent.run;

import com.google.protobuf.ByteString;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.BuildPack.GitPackage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the command line of {@code builder-agent build} into a build pack. For one thread. */
public final class BuildArguments {
  private static final Pattern GIT =
      Pattern.compile("(git@|ssh://|git://).*|https?://.*\\.git(#.*)?|.*@[^/]+:.*\\.git(#.*)?");

  /** A build that is neither pushed nor kept has this name in its engine. */
  private static final String UNNAMED = "localhost/build:latest";

  private final Deque<String> left;
  private final BuildPack.Builder pack =
      // As of a manager of ours: the Dockerfile's path begins at the source's root.
      BuildPack.newBuilder().setBuildId("local");
  private String file = "";
  private @Nullable Path output;
  private boolean push;
  private @Nullable ImageReference first;

  /** Says what is wrong with the command line, and what to write instead. */
  public static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String message) {
      super(message);
    }
  }

  /**
   * What was asked for.
   *
   * @param pack with its source, unless that is a folder
   * @param folder the context on this machine; null: the pack names a source
   * @param dockerfile its path, from the folder or the source; empty: Dockerfile
   * @param push whether the tags are pushed
   * @param output where an OCI layout is written; null: nowhere
   */
  public record Asked(
      BuildPack pack,
      @Nullable Path folder,
      String dockerfile,
      boolean push,
      @Nullable Path output) {

    /** To be pushed as it was asked for. */
    public LocalBuild.Order order(LocalBuild.@Nullable Folder context) {
      return new LocalBuild.Order(pack, context, push);
    }

    /** To be pushed to this registry on loopback. */
    public LocalBuild.Order order(LocalBuild.@Nullable Folder context, String registry) {
      BuildPack redirected =
          pack.toBuilder().setRegistry(registry).addInsecureRegistries(registry).build();
      return new LocalBuild.Order(redirected, context, true);
    }
  }

  private BuildArguments(List<String> arguments) {
    this.left = new ArrayDeque<>(arguments);
  }

  /** Reads the arguments after {@code build}. */
  public static Asked read(List<String> arguments) throws Wrong {
    return new BuildArguments(arguments).read();
  }

  private Asked read() throws Wrong {
    String source = null;
    while (!left.isEmpty()) {
      String argument = left.remove();
      if (argument.startsWith("-") && argument.length() > 1) {
        option(argument);
      } else if (source == null) {
        source = argument;
      } else {
        throw new Wrong("there are two sources, " + source + " and " + argument + ": give one");
      }
    }
    if (source == null) {
      throw new Wrong("give a folder, a URL or a git repository to build");
    }
    if (push && output != null) {
      throw new Wrong("--push and --output exclude each other");
    }
    if (first == null) {
      if (push) {
        throw new Wrong("--push needs a --tag to push to");
      }
      tag(UNNAMED);
    }
    Path folder = source(source);
    pack.setDockerfilePath(file);
    return new Asked(pack.build(), folder, file, push, output);
  }

  private void option(String argument) throws Wrong {
    int equals = argument.indexOf('=');
    boolean joined = argument.startsWith("--") && equals > 0;
    String name = joined ? argument.substring(0, equals) : argument;
    if (joined) {
      left.addFirst(argument.substring(equals + 1));
    }
    switch (name) {
      case "-t", "--tag" -> tag(value(name));
      case "-f", "--file" -> file = value(name);
      case "--build-arg" -> pair(value(name), "--build-arg", pack::putBuildArgs);
      case "--label" -> pair(value(name), "--label", pack::putLabels);
      case "--target" -> pack.setTarget(value(name));
      case "--platform" -> pack.addAllPlatforms(List.of(value(name).split(",", -1)));
      case "--secret" -> secret(value(name));
      case "--insecure-registry" -> pack.addInsecureRegistries(value(name));
      case "-o", "--output" -> output = Path.of(value(name));
      case "--no-cache" -> pack.setNoCache(true);
      case "--push" -> push = true;
      default -> throw new Wrong("there is no option " + name + "; see build --help");
    }
  }

  private String value(String name) throws Wrong {
    String value = left.poll();
    if (value == null) {
      throw new Wrong(name + " needs a value");
    }
    return value;
  }

  private interface Pairs {
    BuildPack.Builder put(String name, String value);
  }

  private static void pair(String text, String option, Pairs pairs) throws Wrong {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new Wrong(option + " " + text + ": give NAME=VALUE");
    }
    pairs.put(text.substring(0, equals), text.substring(equals + 1));
  }

  private void tag(String text) throws Wrong {
    ImageReference tag;
    try {
      tag = ImageReference.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Wrong("--tag " + text + ": " + e.getMessage());
    }
    if (first != null && !first.repository().equals(tag.repository())) {
      throw new Wrong("all tags of a build are of one repository: " + first + " and " + tag);
    }
    first = first == null ? tag : first;
    pack.setRegistry(tag.repository().registry())
        .setRepository(tag.repository().path())
        .addTagNames(tag.reference());
  }

  /** {@code id=name,src=file}, as other builders have it. */
  private void secret(String text) throws Wrong {
    String id = "";
    String path = "";
    for (String part : text.split(",", -1)) {
      if (part.startsWith("id=")) {
        id = part.substring(3);
      } else if (part.startsWith("src=")) {
        path = part.substring(4);
      }
    }
    if (id.isEmpty() || path.isEmpty()) {
      throw new Wrong("--secret " + text + ": give id=NAME,src=FILE");
    }
    try {
      pack.putSecrets(id, ByteString.copyFrom(Files.readAllBytes(Path.of(path))));
    } catch (IOException e) {
      throw new Wrong("--secret " + id + ": " + path + " cannot be read: " + e.getMessage());
    }
  }

  private @Nullable Path source(String text) throws Wrong {
    Path folder = Path.of(text);
    if (Files.isDirectory(folder)) {
      return folder.toAbsolutePath().normalize();
    }
    if (GIT.matcher(text).matches()) {
      int hash = text.indexOf('#');
      GitPackage.Builder git =
          GitPackage.newBuilder().setUrl(hash < 0 ? text : text.substring(0, hash));
      if (hash >= 0) {
        git.setRef(text.substring(hash + 1));
      }
      pack.setGitPackage(git.setSubmodules(true));
    } else if (text.startsWith("http://") || text.startsWith("https://")) {
      pack.setPackageUrl(text);
    } else {
      throw new Wrong(text + " is no folder here, and no URL or git repository either");
    }
    return null;
  }
}
