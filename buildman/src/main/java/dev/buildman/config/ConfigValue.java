package dev.buildman.config;

import dev.buildman.model.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One value of the file with its place. Each reading method answers empty when the value is not set
 * ({@code ""} and null count as not set) and also when it is wrong; then a problem was added. Not
 * for use by several threads.
 */
public final class ConfigValue {

  private static final Pattern FROM_ENVIRONMENT = Pattern.compile("\\$\\{([A-Za-z_]\\w*)}");
  private static final Pattern USER_INFO = Pattern.compile("//[^@/\\s]*@");
  private static final int SHOWN_CHARACTERS = 80;

  private final ReadingContext context;
  private final String path;
  private final Node node;
  private @Nullable Optional<String> resolved;

  ConfigValue(ReadingContext context, String path, Node node) {
    this.context = context;
    this.path = path;
    this.node = node;
  }

  /** The full path of the key, with indexes of lists. */
  public String path() {
    return path;
  }

  /** Where the value begins. */
  public Position position() {
    return YamlText.position(context.file, node.getStartMark());
  }

  /** Whether it is a map. */
  public boolean isMap() {
    return node instanceof MappingNode;
  }

  /** Whether it is a list. */
  public boolean isList() {
    return node instanceof SequenceNode;
  }

  /** Whether there is a value that is neither null nor {@code ""}. */
  public boolean isSet() {
    return !(node instanceof ScalarNode) || scalar().isPresent();
  }

  /** A scalar as it is written: a number or a yes keeps its letters. */
  public Optional<String> text() {
    if (!(node instanceof ScalarNode)) {
      problem((isMap() ? "a map" : "a list") + " stands where one value belongs");
      return Optional.empty();
    }
    return scalar();
  }

  /** A scalar that no message and no {@code toString} ever shows. */
  public Optional<Secret> secret() {
    return text().map(Secret::of);
  }

  /**
   * A value of another type.
   *
   * @param parser throws IllegalArgumentException with a sentence for a person
   */
  public <T> Optional<T> as(Function<String, T> parser) {
    return text()
        .flatMap(
            text -> {
              try {
                return Optional.of(parser.apply(text));
              } catch (IllegalArgumentException e) {
                problem("\"" + shown() + "\" is not allowed: " + e.getMessage());
                return Optional.empty();
              }
            });
  }

  /** {@code true} or {@code false}, or YAML's yes, no, on, off. */
  public Optional<Boolean> flag() {
    return text()
        .flatMap(
            text ->
                switch (text.toLowerCase(Locale.ROOT)) {
                  case "true", "yes", "on" -> Optional.of(true);
                  case "false", "no", "off" -> Optional.of(false);
                  default -> wrong("true or false");
                });
  }

  /** A whole number within both bounds. */
  public Optional<Integer> integer(int min, int max) {
    return text()
        .flatMap(
            text -> {
              Optional<Integer> number = whole(text).filter(n -> n >= min && n <= max);
              return number.isPresent()
                  ? number
                  : wrong(
                      max == Integer.MAX_VALUE
                          ? "a whole number from " + min
                          : "a whole number from " + min + " to " + max);
            });
  }

  /** A number within both bounds. */
  public Optional<Double> number(double min, double max) {
    return text()
        .flatMap(
            text -> {
              Optional<Double> number = decimal(text).filter(n -> n >= min && n <= max);
              return number.isPresent() ? number : wrong("a number from " + min + " to " + max);
            });
  }

  /** A duration of at least {@code min}. */
  public Optional<Duration> duration(Duration min) {
    return text()
        .flatMap(
            text -> {
              Optional<Duration> duration = Units.duration(text).filter(d -> d.compareTo(min) >= 0);
              return duration.isPresent()
                  ? duration
                  : wrong(Units.DURATION_FORMS + "; at least " + min.toMillis() + "ms");
            });
  }

  /** A size in bytes. */
  public Optional<Long> size() {
    return text()
        .flatMap(
            text -> {
              Optional<Long> size = Units.size(text);
              return size.isPresent() ? size : wrong(Units.SIZE_FORMS);
            });
  }

  /** One of the constants, whatever its case; {@code -} and {@code _} are the same. */
  public <E extends Enum<E>> Optional<E> choice(Class<E> type) {
    return text()
        .flatMap(
            text -> {
              String name = text.replace('-', '_');
              for (E constant : type.getEnumConstants()) {
                if (constant.name().equalsIgnoreCase(name)) {
                  return Optional.of(constant);
                }
              }
              return wrong(
                  Arrays.stream(type.getEnumConstants())
                      .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                      .collect(Collectors.joining(", ")));
            });
  }

  /**
   * A host with a port.
   *
   * @param defaultPort the port where none is written; negative when it has to be written
   */
  public Optional<HostPort> hostPort(int defaultPort) {
    return text()
        .flatMap(
            text -> {
              Optional<HostPort> address = HostPort.parse(text.strip(), defaultPort);
              String form = defaultPort < 0 ? "host:port" : "host or host:port";
              return address.isPresent() ? address : wrong(form + " ([address]:port for IPv6)");
            });
  }

  /** An absolute URL with one of the schemes. */
  public Optional<URI> url(String... schemes) {
    return text()
        .flatMap(
            text -> {
              try {
                URI uri = new URI(text.strip());
                if (uri.getScheme() != null
                    && Arrays.asList(schemes).contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
                  return Optional.of(uri);
                }
              } catch (URISyntaxException e) {
                // Answered like any other text that is no URL.
              }
              return wrong("a URL that begins with " + String.join(":// or ", schemes) + "://");
            });
  }

  /** A path; a relative one starts from the configuration file's folder. */
  public Optional<Path> path(boolean mustBeFile) {
    return text()
        .flatMap(
            text -> {
              Path resolvedPath = context.resolve(text);
              if (!mustBeFile
                  || (Files.isRegularFile(resolvedPath) && Files.isReadable(resolvedPath))) {
                return Optional.of(resolvedPath);
              }
              problem(
                  "the file %s cannot be read (%s)"
                      .formatted(resolvedPath, ReadingContext.reason(resolvedPath)));
              return Optional.empty();
            });
  }

  /** The elements of a list; a lone value counts as a list of one. */
  public List<ConfigValue> elements() {
    if (!(node instanceof SequenceNode sequence)) {
      return isSet() ? List.of(this) : List.of();
    }
    List<ConfigValue> elements = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      elements.add(new ConfigValue(context, path + "[" + elements.size() + "]", element));
    }
    return elements;
  }

  /** Adds a problem at this value. */
  public void problem(String message) {
    context.problems.error(position(), path, message);
  }

  /** Adds a warning at this value. */
  public void warning(String message) {
    context.problems.warning(position(), path, message);
  }

  Optional<MappingNode> mapping() {
    if (node instanceof MappingNode mapping) {
      return Optional.of(mapping);
    }
    if (isSet()) {
      problem("must be a map of keys");
    }
    return Optional.empty();
  }

  private <T> Optional<T> wrong(String allowed) {
    problem("\"" + shown() + "\" is not allowed; allowed: " + allowed);
    return Optional.empty();
  }

  /** The text as it stands in the file: what the environment gave is not shown. */
  private String shown() {
    String text = USER_INFO.matcher(((ScalarNode) node).getValue()).replaceAll("//***@");
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
  }

  private Optional<String> scalar() {
    if (resolved == null) {
      resolved = resolve((ScalarNode) node).filter(text -> !text.isEmpty());
      resolved.ifPresent(text -> context.read(path, text));
    }
    return resolved;
  }

  private Optional<String> resolve(ScalarNode scalar) {
    if (scalar.getTag().equals(Tag.NULL)) {
      return Optional.empty();
    }
    if (!scalar.getTag().startsWith(Tag.PREFIX)) {
      problem("a value that begins with ! is a YAML tag; put the value in quotes");
      return Optional.empty();
    }
    Matcher matcher = FROM_ENVIRONMENT.matcher(scalar.getValue().strip());
    if (!matcher.matches()) {
      return Optional.of(scalar.getValue());
    }
    String value = context.environment.get(matcher.group(1));
    if (value == null) {
      problem("the environment has no variable " + matcher.group(1));
    }
    return Optional.ofNullable(value);
  }

  private static Optional<Integer> whole(String text) {
    try {
      return Optional.of(Integer.valueOf(text.strip().replace("_", "")));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> decimal(String text) {
    try {
      return Optional.of(Double.valueOf(text.strip())).filter(Double::isFinite);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
