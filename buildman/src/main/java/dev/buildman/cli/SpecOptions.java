package dev.buildman.cli;

import com.google.protobuf.Duration;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Credentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is asked for beside the source: the options of {@code build} that fill the request. */
final class SpecOptions {

  @Option(
      names = {"-t", "--tag"},
      required = true,
      paramLabel = "IMAGE",
      description =
          "What to push: [REGISTRY/]NAMESPACE/NAME[:TAG]. Repeat it for more tags of the same"
              + " image. Without REGISTRY the manager's own.")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "PATH",
      description = "The Dockerfile's path in SOURCE. Default: Dockerfile in the context.")
  private String file = "";

  @Option(
      names = "--context",
      paramLabel = "FOLDER",
      description = "The build's context: a folder in SOURCE. Default: all of it.")
  private String context = "";

  @Option(
      names = "--build-arg",
      paramLabel = "NAME[=VALUE]",
      description =
          "Value of an ARG; without VALUE that of the environment. Build args stand in the image's"
              + " history: they are no place for secrets.")
  private List<String> buildArgs = new ArrayList<>();

  @Option(names = "--label", paramLabel = "NAME=VALUE", description = "Label of the image.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--target",
      paramLabel = "STAGE",
      description = "Stage to build. Default: the last.")
  private String target = "";

  @Option(names = "--no-cache", description = "Build every step anew.")
  private boolean noCache;

  @Mixin private EngineOptions engine = new EngineOptions();

  @Option(
      names = "--push-user",
      paramLabel = "NAME",
      description = "User to push as; with --push-password-file.")
  private String pushUser = "";

  @Option(
      names = "--push-password-file",
      paramLabel = "FILE",
      description = "File with the password to push with.")
  private @Nullable Path pushPassword;

  @Option(
      names = "--docker-config",
      paramLabel = "FILE",
      description = "Credentials for pushes and pulls, as 'docker login' keeps them (config.json).")
  private @Nullable Path dockerConfig;

  @Option(
      names = "--priority",
      paramLabel = "NUMBER",
      description = "-100 to 100, higher first. Orders builds of different repositories.")
  private int priority;

  @Option(names = "--tries", paramLabel = "NUMBER", description = "Paid chances in all.")
  private int tries;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "End the build after this time of work: 90s, 30m, 2h.")
  private String timeout = "";

  @Option(
      names = "--metadata",
      paramLabel = "NAME=VALUE",
      description = "Kept with the build and handed back; repeatable.")
  private List<String> metadata = new ArrayList<>();

  @Option(names = "--foreign-id", paramLabel = "ID", description = "Your own name of the build.")
  private String foreignId = "";

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "Asking again with the same key within 24 h gives the same build.")
  private String idempotencyKey = "";

  String file() {
    return file;
  }

  String context() {
    return context;
  }

  /** The request but for its id and its source. */
  CreateBuildRequest.Builder request(Terminal terminal) {
    CreateBuildRequest.Builder request =
        CreateBuildRequest.newBuilder()
            .setSpec(spec(terminal))
            .setPriority(priority)
            .setTries(tries)
            .setForeignId(foreignId)
            .setIdempotencyKey(idempotencyKey)
            .putAllMetadata(pairs("--metadata", metadata));
    if (!timeout.isEmpty()) {
      request.setTimeout(
          Duration.newBuilder().setSeconds(Words.span("--timeout", timeout).toSeconds()));
    }
    return request;
  }

  private BuildSpec spec(Terminal terminal) {
    ImageName image = ImageName.parse(tags);
    BuildSpec.Builder spec =
        BuildSpec.newBuilder()
            .setRegistry(image.registry())
            .setRepository(image.repository())
            .addAllTags(image.tags())
            .setContext(context)
            .setDockerfile(file)
            .putAllBuildArgs(arguments(terminal))
            .putAllLabels(pairs("--label", labels))
            .setTarget(target)
            .setNoCache(noCache);
    credentials(spec, image.registry());
    engine.fill(spec, terminal);
    return spec.build();
  }

  private void credentials(BuildSpec.Builder spec, String registry) {
    if (dockerConfig != null) {
      Map<String, Credentials> all = DockerConfig.read(dockerConfig);
      Credentials push = all.get(registry);
      if (push != null) {
        spec.setPushCredentials(push);
      }
      spec.putAllBaseImageCredentials(all);
    }
    if (pushUser.isEmpty() != (pushPassword == null)) {
      throw new UsageException("--push-user and --push-password-file belong together");
    }
    if (pushPassword != null) {
      String password = SecretFile.read("--push-password-file", pushPassword).reveal();
      spec.setPushCredentials(Credentials.newBuilder().setUsername(pushUser).setPassword(password));
    }
  }

  private Map<String, String> arguments(Terminal terminal) {
    Map<String, String> arguments = new LinkedHashMap<>();
    for (String argument : buildArgs) {
      int equals = argument.indexOf('=');
      if (equals >= 0) {
        arguments.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        terminal.variable(argument).ifPresent(value -> arguments.put(argument, value));
      }
    }
    return arguments;
  }

  private static Map<String, String> pairs(String option, List<String> given) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : given) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new UsageException("%s: '%s' is not NAME=VALUE".formatted(option, pair));
      }
      pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return pairs;
  }
}
