package dev.buildman.config;

import dev.buildman.model.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Secrets stand in the file itself or in one of their own that {@code KEY_FILE} names. */
final class Secrets {

  private static final String FILE = "_FILE";

  private Secrets() {}

  static Optional<Secret> of(ConfigMap map, ReadingContext context, String key) {
    Optional<ConfigValue> value = map.value(key);
    return fromFile(map, context, key)
        .or(() -> value.flatMap(ConfigValue::secret))
        .filter(secret -> !secret.isEmpty());
  }

  static List<Secret> listOf(ConfigMap map, ReadingContext context, String key) {
    List<ConfigValue> values = map.values(key);
    Optional<Secret> file = fromFile(map, context, key);
    if (file.isPresent()) {
      return file.get()
          .reveal()
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .map(Secret::of)
          .toList();
    }
    return values.stream().flatMap(value -> value.secret().stream()).toList();
  }

  private static Optional<Secret> fromFile(ConfigMap map, ReadingContext context, String key) {
    Optional<ConfigValue> named = map.value(key + FILE);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    if (map.has(key)) {
      named.get().problem("the secret is given twice: keep either " + key + " or " + key + FILE);
      return Optional.empty();
    }
    Optional<Path> path = named.get().path(false);
    return path.flatMap(file -> context.text(file, named.get().position(), named.get().path()))
        .map(text -> text.replaceFirst("\\R\\z", ""))
        .flatMap(
            text -> {
              if (text.isEmpty()) {
                named.get().problem("the file is empty");
              }
              context.read(named.get().path() + " (text)", text);
              return Optional.of(Secret.of(text));
            });
  }
}
