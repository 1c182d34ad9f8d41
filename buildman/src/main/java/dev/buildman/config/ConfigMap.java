package dev.buildman.config;

import dev.buildman.model.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One map of the file, asked key by key. Every key that a parser asks for becomes a known one; what
 * is left when all parsers are done is an unknown key and a problem (at the top level of the file,
 * which belongs to Quay, only a near miss is worth a warning). No method throws for what stands in
 * the file: it adds a problem and answers the fallback or empty, and {@link ConfigReader} refuses
 * the whole file in the end. A key that is not set, null or {@code ""} answers the fallback. Two
 * parsers may share a map. Not for use by several threads.
 */
public final class ConfigMap {

  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final ReadingContext context;
  private final String path;
  private final Position position;
  private final Map<String, MapEntries.Entry> entries;
  private final Set<String> asked = new TreeSet<>();
  private final Map<String, ConfigMap> sections = new LinkedHashMap<>();
  private boolean ignoreRest;

  ConfigMap(
      ReadingContext context,
      String path,
      Position position,
      Map<String, MapEntries.Entry> entries) {
    this.context = context;
    this.path = path;
    this.position = position;
    this.entries = entries;
  }

  /** The full path of this map; empty for the file's top level. */
  public String path() {
    return path;
  }

  /** Whether the key has a value that is neither null nor {@code ""}. */
  public boolean has(String key) {
    return value(key).isPresent();
  }

  /** The value as it stands; empty when it is not set. */
  public Optional<ConfigValue> value(String key) {
    asked.add(key);
    context.asked(pathOf(key));
    return Optional.ofNullable(entries.get(key))
        .map(MapEntries.Entry::value)
        .filter(ConfigValue::isSet);
  }

  public Optional<String> text(String key) {
    return value(key).flatMap(ConfigValue::text);
  }

  public String text(String key, String fallback) {
    return text(key).orElse(fallback);
  }

  /** The text, or {@code ""} with a problem that says why the key is needed. */
  public String requiredText(String key, String why) {
    if (!has(key)) {
      problem(key, "is required: " + why);
    }
    return text(key, "");
  }

  /**
   * A value of another type, for instance {@code map.as("NAME", ExecutorName::new)}.
   *
   * @param parser throws IllegalArgumentException with a sentence for a person
   */
  public <T> Optional<T> as(String key, Function<String, T> parser) {
    return value(key).flatMap(value -> value.as(parser));
  }

  /** {@code KEY}, or the text of the file that {@code KEY_FILE} names without its last newline. */
  public Optional<Secret> secret(String key) {
    return Secrets.of(this, context, key).stream().findFirst();
  }

  /** A list of secrets; the file that {@code KEY_FILE} names holds one to a line. */
  public List<Secret> secrets(String key) {
    return Secrets.listOf(this, context, key);
  }

  public boolean flag(String key, boolean fallback) {
    return value(key).flatMap(ConfigValue::flag).orElse(fallback);
  }

  public Optional<Integer> integer(String key, int min, int max) {
    return value(key).flatMap(value -> value.integer(min, max));
  }

  public int integer(String key, int fallback, int min, int max) {
    return integer(key, min, max).orElse(fallback);
  }

  public Optional<Double> number(String key, double min, double max) {
    return value(key).flatMap(value -> value.number(min, max));
  }

  public double number(String key, double fallback, double min, double max) {
    return number(key, min, max).orElse(fallback);
  }

  /** A duration above zero. */
  public Optional<Duration> duration(String key) {
    return value(key).flatMap(value -> value.duration(SHORTEST));
  }

  /** A duration above zero. */
  public Duration duration(String key, Duration fallback) {
    return duration(key).orElse(fallback);
  }

  /** A duration of at least {@code min}, which may be zero. */
  public Duration duration(String key, Duration fallback, Duration min) {
    return value(key).flatMap(value -> value.duration(min)).orElse(fallback);
  }

  /** In bytes. */
  public long size(String key, long fallback) {
    return value(key).flatMap(ConfigValue::size).orElse(fallback);
  }

  /** One of an enum's constants, whatever its case. */
  public <E extends Enum<E>> E choice(String key, E fallback) {
    return value(key).flatMap(value -> value.choice(fallback.getDeclaringClass())).orElse(fallback);
  }

  /**
   * @param defaultPort the port where none is written; negative when it has to be written
   */
  public Optional<HostPort> hostPort(String key, int defaultPort) {
    return value(key).flatMap(value -> value.hostPort(defaultPort));
  }

  /** An address with its port. */
  public HostPort hostPort(String key, HostPort fallback) {
    return hostPort(key, -1).orElse(fallback);
  }

  /** An absolute URL with one of the schemes. */
  public Optional<URI> url(String key, String... schemes) {
    return value(key).flatMap(value -> value.url(schemes));
  }

  /** A file that has to be there and be readable; relative to the configuration file's folder. */
  public Optional<Path> file(String key) {
    Optional<Path> file = value(key).flatMap(value -> value.path(true));
    file.ifPresent(context.files::add);
    return file;
  }

  /** A path that need not exist; relative to the configuration file's folder. */
  public Optional<Path> path(String key) {
    return value(key).flatMap(value -> value.path(false));
  }

  /** A list of texts; a lone value counts as a list of one. */
  public List<String> texts(String key) {
    return values(key).stream().flatMap(value -> value.text().stream()).toList();
  }

  /** The elements of a list; a lone value counts as a list of one. */
  public List<ConfigValue> values(String key) {
    return value(key).map(ConfigValue::elements).orElse(List.of());
  }

  /** A map of free names to texts, in the file's order. */
  public Map<String, String> textMap(String key) {
    ConfigMap map = section(key);
    Map<String, String> texts = new LinkedHashMap<>();
    map.entries.forEach(
        (name, entry) -> {
          map.asked.add(name);
          entry.value().text().ifPresent(text -> texts.put(name, text));
        });
    return texts;
  }

  /** The map under a key; an empty one where the key is not set. */
  public ConfigMap section(String key) {
    return sections.computeIfAbsent(key, _ -> open(pathOf(key), key, value(key)));
  }

  /** The maps of a list. */
  public List<ConfigMap> sections(String key) {
    List<ConfigMap> maps = new ArrayList<>();
    for (int index = 0; index < values(key).size(); index++) {
      maps.add(section(key, index));
    }
    return maps;
  }

  /** The map at a place of a list, counted from 0; an empty one where there is none. */
  public ConfigMap section(String key, int index) {
    String name = key + "[" + index + "]";
    List<ConfigValue> values = values(key);
    Optional<ConfigValue> value =
        index < values.size() ? Optional.of(values.get(index)) : Optional.empty();
    return sections.computeIfAbsent(name, _ -> open(pathOf(name), key, value));
  }

  /** A map of free names to maps, in the file's order. */
  public Map<String, ConfigMap> sectionMap(String key) {
    ConfigMap map = section(key);
    Map<String, ConfigMap> maps = new LinkedHashMap<>();
    map.entries.forEach(
        (name, entry) -> {
          map.asked.add(name);
          String below = "[" + name + "]";
          maps.put(
              name,
              map.sections.computeIfAbsent(
                  below, _ -> map.open(map.path + below, name, Optional.of(entry.value()))));
        });
    return maps;
  }

  /** The names of the keys that stand in the file, known or not, in its order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /** Adds a problem at a key: for what only a capability knows, such as a bad combination. */
  public void problem(String key, String message) {
    context.problems.error(place(key), pathOf(key), message);
  }

  /** Adds a warning at a key. */
  public void warning(String key, String message) {
    context.problems.warning(place(key), pathOf(key), message);
  }

  /** Adds a problem when a key that is no longer read is there. */
  public void retired(String key, String instead) {
    if (entries.containsKey(key)) {
      asked.add(key);
      problem(key, "is retired: " + instead);
    }
  }

  /** Leaves the keys that nobody asks for alone, here and in lists and maps below. */
  public void ignoreRest() {
    ignoreRest = true;
  }

  /** Adds what is wrong with the keys themselves; called once, when all parsers are done. */
  void finish() {
    boolean lenient = path.isEmpty();
    entries.forEach((key, entry) -> check(key, entry, lenient));
    sections.values().forEach(ConfigMap::finish);
  }

  private void check(String key, MapEntries.Entry entry, boolean lenient) {
    boolean known = asked.contains(key);
    entry
        .firstAt()
        .ifPresent(
            first -> {
              String message = "stands here a second time; the first is in line " + first.line();
              if (known || !lenient) {
                problem(key, message);
              } else {
                warning(key, message);
              }
            });
    if (known || ignoreRest) {
      return;
    }
    if (lenient) {
      NearestKey.of(key, asked, 2)
          .ifPresent(near -> warning(key, "is not read; did you mean " + near + "?"));
    } else {
      problem(
          key,
          NearestKey.of(key, asked, Math.max(2, key.length() / 3))
              .map(near -> "unknown key; did you mean " + near + "?")
              .orElseGet(() -> "unknown key; known here: " + String.join(", ", asked)));
    }
  }

  private ConfigMap open(String mapPath, String key, Optional<ConfigValue> value) {
    Map<String, MapEntries.Entry> contents =
        value
            .flatMap(ConfigValue::mapping)
            .map(mapping -> MapEntries.of(context, mapPath, mapping))
            .orElse(Map.of());
    return new ConfigMap(context, mapPath, place(key), contents);
  }

  private Position place(String key) {
    MapEntries.Entry entry = entries.get(key);
    return entry == null ? position : entry.at();
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
