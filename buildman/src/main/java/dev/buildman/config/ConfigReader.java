package dev.buildman.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads a configuration file: every problem is collected and reported at once, with its key's path,
 * its line and column, what is allowed and the nearest known key. No problem shows a secret.
 */
public final class ConfigReader {

  private final Map<String, String> environment;

  /**
   * @param environment what {@code ${NAME}} values are taken from
   */
  public ConfigReader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * Reads a file.
   *
   * @param parse asks the map for every key that exists; what it returns is thrown away when there
   *     was a problem, so it may go on with fallbacks. An exception of its own after a problem
   *     counts as a consequence of that problem.
   */
  public <T> ConfigResult<T> read(Path file, Function<ConfigMap, T> parse) {
    Path absolute = file.toAbsolutePath().normalize();
    ReadingContext context = context(file.toString(), absolute.resolveSibling(""));
    context.files.add(absolute);
    try {
      return parsed(context, ReadingContext.decode(Files.readAllBytes(file)), parse);
    } catch (CharacterCodingException e) {
      return broken(context, "is not UTF-8 text");
    } catch (IOException e) {
      return broken(context, "cannot be read (" + ReadingContext.reason(file) + ")");
    }
  }

  /**
   * Reads a text.
   *
   * @param name stands for the file's name in messages
   * @param folder what relative paths start from
   */
  public <T> ConfigResult<T> readText(
      String name, String text, Path folder, Function<ConfigMap, T> parse) {
    return parsed(context(name, folder.toAbsolutePath()), text, parse);
  }

  private ReadingContext context(String name, Path folder) {
    return new ReadingContext(name, folder, environment);
  }

  private static <T> ConfigResult<T> broken(ReadingContext context, String message) {
    context.problems.error(new Position(context.file, 0, 0), "", message);
    return invalid(context);
  }

  private static <T> ConfigResult<T> invalid(ReadingContext context) {
    return new ConfigResult.Invalid<>(
        context.problems.errors(), context.problems.warnings(), context.keys);
  }

  private static <T> ConfigResult<T> parsed(
      ReadingContext context, String text, Function<ConfigMap, T> parse) {
    Optional<Node> node = YamlText.compose(text, context.file, context.problems);
    if (!context.problems.errors().isEmpty()) {
      return invalid(context);
    }
    ConfigValue document =
        node.map(root -> new ConfigValue(context, "", root))
            .orElseGet(() -> new ConfigValue(context, "", YamlText.emptyMap()));
    Optional<MappingNode> mapping = document.mapping();
    ConfigMap top =
        new ConfigMap(
            context,
            "",
            new Position(context.file, 0, 0),
            mapping.map(map -> MapEntries.of(context, "", map)).orElse(Map.of()));
    T value;
    try {
      value = parse.apply(top);
    } catch (RuntimeException e) {
      top.finish();
      if (context.problems.errors().isEmpty()) {
        throw e;
      }
      return invalid(context);
    }
    top.finish();
    return context.problems.errors().isEmpty()
        ? new ConfigResult.Valid<>(
            value,
            context.problems.warnings(),
            context.keys,
            context.values,
            List.copyOf(context.files))
        : invalid(context);
  }
}
