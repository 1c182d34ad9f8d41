package dev.buildman.cli;

import com.google.protobuf.ByteString;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.RunLimits;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What is asked of the engine: the options of {@code build} that Docker's own build has too. */
final class EngineOptions {

  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([bkmg]?)b?");

  @Option(
      names = "--platform",
      paramLabel = "PLATFORM",
      split = ",",
      description =
          "linux/ARCHITECTURE[/VARIANT] to build for. Several, by commas or repeated, become an"
              + " image index. Default: the worker's own.")
  private List<String> platforms = new ArrayList<>();

  @Option(
      names = "--secret",
      paramLabel = "id=ID[,src=FILE|,env=NAME]",
      description =
          "Secret for RUN --mount=type=secret, from a file or a variable. It stays out of the image"
              + " and the log. Default: the variable ID, else the file ID.")
  private List<String> secrets = new ArrayList<>();

  @Option(
      names = "--ssh",
      paramLabel = "ID=KEYFILE",
      description =
          "OpenSSH private key without a passphrase for RUN --mount=type=ssh; ID is mostly"
              + " 'default'.")
  private List<String> ssh = new ArrayList<>();

  @Option(
      names = "--cache-from",
      paramLabel = "IMAGE",
      description =
          "Where steps of earlier builds are: [REGISTRY/]NAMESPACE/NAME[:TAG]. Repeatable, the best"
              + " first.")
  private List<String> cacheFrom = new ArrayList<>();

  @Option(
      names = "--cache-to",
      paramLabel = "IMAGE",
      description = "Where to keep this build's steps for later ones. Repeatable.")
  private List<String> cacheTo = new ArrayList<>();

  @Option(
      names = "--run-cpus",
      paramLabel = "NUMBER",
      description = "Processors for all RUN steps: 2, 0.5.")
  private String cpus = "";

  @Option(
      names = "--run-memory",
      paramLabel = "SIZE",
      description = "Memory for all RUN steps: 512m, 2g.")
  private String memory = "";

  void fill(BuildSpec.Builder spec, Terminal terminal) {
    spec.addAllPlatforms(platforms);
    secrets.forEach(given -> secret(given, spec, terminal));
    ssh.forEach(given -> key(given, spec));
    cacheFrom.forEach(given -> spec.addCacheFrom(image("--cache-from", given)));
    cacheTo.forEach(given -> spec.addCacheTo(image("--cache-to", given)));
    if (!cpus.isEmpty() || !memory.isEmpty()) {
      spec.setRunLimits(
          RunLimits.newBuilder().setCpuMillis(millis(cpus)).setMemoryBytes(bytes(memory)));
    }
  }

  private static void secret(String given, BuildSpec.Builder spec, Terminal terminal) {
    Map<String, String> parts = parts("--secret", given);
    String id = parts.getOrDefault("id", "");
    if (id.isEmpty()) {
      throw new UsageException(
          "--secret: '%s' has no id; give id=ID,src=FILE or id=ID,env=NAME".formatted(given));
    }
    String file = parts.getOrDefault("src", parts.getOrDefault("source", ""));
    String variable = parts.getOrDefault("env", file.isEmpty() ? id : "");
    if (file.isEmpty() && terminal.variable(variable).isPresent()) {
      byte[] value = terminal.variable(variable).get().getBytes(StandardCharsets.UTF_8);
      spec.putSecrets(id, ByteString.copyFrom(value));
    } else if (parts.containsKey("env")) {
      throw new UsageException("--secret: the variable " + variable + " is not set");
    } else {
      spec.putSecrets(id, contents("--secret", file.isEmpty() ? id : file));
    }
  }

  private static void key(String given, BuildSpec.Builder spec) {
    int equals = given.indexOf('=');
    if (equals < 1 || equals == given.length() - 1) {
      throw new UsageException(
          "--ssh: '%s' names no key; the worker cannot reach your SSH agent, so give ID=KEYFILE,"
                  .formatted(given)
              + " a key made for this purpose");
    }
    spec.putSshKeys(given.substring(0, equals), contents("--ssh", given.substring(equals + 1)));
  }

  /** The words of Docker's command, {@code type=registry,ref=IMAGE}, or the image alone. */
  private static String image(String option, String given) {
    if (!given.contains("=")) {
      return given;
    }
    Map<String, String> parts = parts(option, given);
    if (!parts.getOrDefault("type", "registry").equals("registry") || !parts.containsKey("ref")) {
      throw new UsageException(
          "%s: '%s' is no cache in a registry; give IMAGE or type=registry,ref=IMAGE"
              .formatted(option, given));
    }
    return parts.get("ref");
  }

  private static Map<String, String> parts(String option, String given) {
    Map<String, String> parts = new HashMap<>();
    for (String part : given.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new UsageException("%s: '%s' is not NAME=VALUE".formatted(option, part));
      }
      parts.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return parts;
  }

  private static ByteString contents(String option, String file) {
    try {
      return ByteString.copyFrom(Files.readAllBytes(Path.of(file)));
    } catch (IOException e) {
      throw new UsageException(option + ": cannot read " + file);
    }
  }

  private static int millis(String text) {
    try {
      return text.isEmpty() ? 0 : new BigDecimal(text).movePointRight(3).intValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new UsageException("--run-cpus: '%s' is no number such as 2 or 0.5".formatted(text));
    }
  }

  private static long bytes(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new UsageException("--run-memory: '%s' is no size such as 512m or 2g".formatted(text));
    }
    int shift =
        switch (size.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    return Long.parseLong(size.group(1)) << shift;
  }
}
