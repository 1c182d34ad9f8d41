package dev.buildman.agent.config;

import dev.buildman.agent.config.AgentSettings.Engine;
import dev.buildman.agent.config.AgentSettings.Machine;
import dev.buildman.agent.config.ManagerAddress.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the variables that executors set: {@code TOKEN} or {@code TOKEN_FILE}, {@code SERVER},
 * {@code TLS_CERT_PATH} or {@code CA_CERT}, {@code INSECURE}, {@code CONTAINER_RUNTIME}, {@code
 * RECONNECT_WINDOW}, {@code BUILDAH_ISOLATION}, {@code STORAGE_DRIVER}, {@code TMPDIR}, {@code
 * DEBUG}, and those of {@link RegistryVariables}. An empty variable counts as not set.
 */
public final class Environment {
  private static final Pattern SERVER =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:/\\s]+):(\\d{1,5})");

  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})\\s*(s|m|h)?");
  private static final Duration DEFAULT_WINDOW = Duration.ofSeconds(300);

  /** Far above any real token, and small enough for one message to the manager. */
  private static final int MAX_TOKEN = 64 * 1024;

  private final Map<String, String> variables;
  private final List<String> problems = new ArrayList<>();

  private Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /** Reads all variables, and the token's file when there is one. */
  public static EnvironmentReading<AgentSettings> read(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return environment.reading(environment.settings());
  }

  /** Reads what is needed without a manager. */
  public static EnvironmentReading<Machine> readMachine(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return environment.reading(environment.machine());
  }

  private <T> EnvironmentReading<T> reading(@Nullable T settings) {
    return settings == null || !problems.isEmpty()
        ? new EnvironmentReading.Invalid<>(problems)
        : new EnvironmentReading.Valid<>(settings);
  }

  private @Nullable AgentSettings settings() {
    ManagerAddress manager = manager();
    String token = token();
    Duration window = window();
    Machine machine = machine();
    return manager == null || token == null || window == null || machine == null
        ? null
        : new AgentSettings(manager, token, window, machine);
  }

  private @Nullable Machine machine() {
    Path work = directory();
    boolean debug = flag("DEBUG");
    Engine engine = engine();
    RegistryVariables registries = RegistryVariables.read(variables, this::problem);
    return work == null ? null : new Machine(engine, registries, work, debug);
  }

  private Engine engine() {
    String name = value("CONTAINER_RUNTIME");
    // Quay's executors set the misspelt one.
    String isolation =
        value("BUILDAH_ISOLATION") == null ? "BULDAH_ISOLATION" : "BUILDAH_ISOLATION";
    return new Engine(
        name == null ? "auto" : name,
        word(isolation, List.of("chroot", "oci", "rootless")),
        word("STORAGE_DRIVER", List.of("auto", "vfs", "overlay")));
  }

  /** One of these words; the first when the variable is not set. */
  private String word(String variable, List<String> words) {
    String text = value(variable);
    if (text != null && !words.contains(text)) {
      problem(variable + " is '" + text + "': give one of " + String.join(", ", words));
    }
    return text == null ? words.getFirst() : text;
  }

  private @Nullable ManagerAddress manager() {
    Transport transport = transport();
    String server = value("SERVER");
    if (server == null) {
      problem("SERVER is not set: give the manager's address as host:port");
      return null;
    }
    Matcher matcher = SERVER.matcher(server);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65535) {
      problem("SERVER is '" + server + "': give the manager's address as host:port");
      return null;
    }
    int port = Integer.parseInt(matcher.group(2));
    if (port == 0) {
      problem("SERVER is '" + server + "': the port is from 1 to 65535");
      return null;
    }
    String host = matcher.group(1).replaceAll("[\\[\\]]", "");
    return transport == null ? null : new ManagerAddress(host, port, transport);
  }

  private @Nullable Transport transport() {
    // A certificate wins over INSECURE, as for Quay's worker.
    for (String name : List.of("TLS_CERT_PATH", "CA_CERT")) {
      String file = value(name);
      if (file != null) {
        Path path = readable(name, file);
        return path == null ? null : new Transport.TrustFile(path);
      }
    }
    return flag("INSECURE") ? new Transport.Plaintext() : new Transport.PlatformTrust();
  }

  private @Nullable String token() {
    String file = value("TOKEN_FILE");
    String token = value("TOKEN");
    if (file != null) {
      Path path = readable("TOKEN_FILE", file);
      token = path == null ? null : content(path);
    } else if (token == null) {
      problem("TOKEN_FILE and TOKEN are not set: one of them brings the registration token");
      return null;
    }
    if (token == null) {
      return null;
    }
    if (token.isBlank() || token.length() > MAX_TOKEN) {
      problem(
          (file == null ? "TOKEN" : "TOKEN_FILE")
              + ": the token is empty or longer than "
              + MAX_TOKEN
              + " characters");
      return null;
    }
    return token.strip();
  }

  private @Nullable String content(Path file) {
    try {
      return Files.size(file) > MAX_TOKEN ? " " : Files.readString(file);
    } catch (IOException e) {
      problem("TOKEN_FILE is " + file + ", which cannot be read: " + e.getMessage());
      return null;
    }
  }

  private @Nullable Duration window() {
    String text = value("RECONNECT_WINDOW");
    if (text == null) {
      return DEFAULT_WINDOW;
    }
    Matcher matcher = SPAN.matcher(text.strip());
    if (!matcher.matches()) {
      problem("RECONNECT_WINDOW is '" + text + "': give seconds, or a number with s, m or h");
      return null;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case null, default -> Duration.ofSeconds(number);
    };
  }

  private @Nullable Path directory() {
    String text = value("TMPDIR");
    String name = text == null ? System.getProperty("java.io.tmpdir", "/tmp") : text;
    Path path = path("TMPDIR", name);
    if (path == null || (Files.isDirectory(path) && Files.isWritable(path))) {
      return path;
    }
    problem("TMPDIR is " + name + ", which is not a folder that can be written to");
    return null;
  }

  private @Nullable Path readable(String variable, String text) {
    Path path = path(variable, text);
    if (path == null || (Files.isRegularFile(path) && Files.isReadable(path))) {
      return path;
    }
    problem(variable + " is " + text + ", which is not a file that can be read");
    return null;
  }

  private @Nullable Path path(String variable, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      problem(variable + " is not a path: " + e.getReason());
      return null;
    }
  }

  private boolean flag(String name) {
    String text = value(name);
    if (text == null || text.equalsIgnoreCase("false") || text.equals("0")) {
      return false;
    }
    if (!text.equalsIgnoreCase("true") && !text.equals("1")) {
      problem(name + " is '" + text + "': give true or false");
    }
    return true;
  }

  private @Nullable String value(String name) {
    String text = variables.get(name);
    return text == null || text.isEmpty() ? null : text;
  }

  private void problem(String text) {
    problems.add(text);
  }
}
