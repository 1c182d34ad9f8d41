package dev.buildman.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** The project's chart, rendered as Helm itself does, and read as strictly as an API server can. */
public final class Chart {
  /** Its folder. */
  public static final Path FOLDER =
      Path.of("..", "charts", "buildman").toAbsolutePath().normalize();

  static final String RELEASE = "site";
  static final String NAMESPACE = "buildman";
  private static final String KUBERNETES = "1.33.0";

  private final Path values;

  private Chart(Path values) {
    this.values = values;
  }

  /** With a set of values of the tests, by its name. */
  public static Chart with(String name) {
    return new Chart(Path.of("src", "test", "resources", "chart", name + ".yaml").toAbsolutePath());
  }

  /** With values that a test writes to a file. */
  static Chart withFile(Path values) {
    return new Chart(values);
  }

  /**
   * What would be installed.
   *
   * @throws IllegalStateException with Helm's words when it refuses
   */
  public List<HasMetadata> render() {
    return StrictObjects.read(text());
  }

  String text() {
    return new Helm(FOLDER)
        .template()
        .withName(RELEASE)
        .withNamespace(NAMESPACE)
        .withKubeVersion(KUBERNETES)
        .withValuesFile(values)
        .call();
  }

  /** Helm's lint takes no values: a copy of the chart in this folder has them as its own. */
  LintResult lint(Path scratch) throws IOException {
    Path copy = scratch.resolve("buildman");
    try (Stream<Path> files = Files.walk(FOLDER)) {
      files.forEach(file -> copy(file, copy.resolve(FOLDER.relativize(file).toString())));
    }
    Map<String, Object> merged = yaml(FOLDER.resolve("values.yaml"));
    merge(merged, yaml(values));
    Files.writeString(copy.resolve("values.yaml"), new Yaml(new DumperOptions()).dump(merged));
    return new Helm(copy).lint().strict().call();
  }

  private static void copy(Path file, Path target) {
    try {
      Files.copy(file, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, Object> yaml(Path file) throws IOException {
    return new LinkedHashMap<>(new Yaml().load(Files.readString(file)));
  }

  @SuppressWarnings("unchecked")
  private static void merge(Map<String, Object> into, Map<String, Object> from) {
    from.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && into.get(key) instanceof Map<?, ?> before) {
            Map<String, Object> merged = new LinkedHashMap<>((Map<String, Object>) before);
            merge(merged, (Map<String, Object>) map);
            into.put(key, merged);
          } else {
            into.put(key, value);
          }
        });
  }
}
