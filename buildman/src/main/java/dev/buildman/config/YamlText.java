package dev.buildman.config;

import java.io.StringReader;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/** Turns the text of one YAML document into nodes, and a parser's complaint into a problem. */
final class YamlText {

  private YamlText() {}

  /** Empty when there is no document, or when a problem was added. */
  static Optional<Node> compose(String text, String file, Problems problems) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(4 * 1024 * 1024);
    options.setNestingDepthLimit(50);
    try {
      Iterator<Node> documents = new Yaml(options).composeAll(new StringReader(text)).iterator();
      if (!documents.hasNext()) {
        return Optional.empty();
      }
      Node first = documents.next();
      if (documents.hasNext()) {
        problems.error(
            position(file, documents.next().getStartMark()),
            "",
            "a second YAML document starts here; the configuration is one document");
        return Optional.empty();
      }
      return Optional.of(first);
    } catch (MarkedYAMLException e) {
      problems.error(position(file, e.getProblemMark()), "", "not valid YAML: " + reason(e));
    } catch (ReaderException e) {
      problems.error(
          at(file, text, e.getPosition()), "", "not valid YAML: a control character stands here");
    } catch (YAMLException e) {
      problems.error(
          new Position(file, 0, 0), "", "not valid YAML: the document is too large or too deep");
    }
    return Optional.empty();
  }

  /** What an empty file holds. */
  static MappingNode emptyMap() {
    return new MappingNode(Tag.MAP, List.of(), DumperOptions.FlowStyle.BLOCK);
  }

  static Position position(String file, @Nullable Mark mark) {
    return mark == null
        ? new Position(file, 0, 0)
        : new Position(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /**
   * The parser's sentence without the snippet of text that it would add, and without the words that
   * it quotes: both may be part of a password.
   */
  private static String reason(MarkedYAMLException e) {
    String problem = e.getProblem() == null ? "unreadable here" : e.getProblem();
    if (problem.contains("alias")) {
      return "a value that begins with * is a YAML alias that was never defined; put the value in"
          + " quotes";
    }
    if (problem.contains("(TAB)")) {
      return "a tab stands here; indent with spaces";
    }
    if (problem.contains("cannot start any token")) {
      return "a value cannot begin with this character; put the value in quotes";
    }
    if (problem.contains("mapping values are not allowed")) {
      return "a key and its value are not allowed here; check the indentation, and quote a value"
          + " that holds ': '";
    }
    if (problem.contains("expected ':'") || problem.contains("simple key")) {
      return "a key without its ':' (on this line or the one before)";
    }
    if (problem.contains("block end") || problem.contains("block mapping")) {
      return "the indentation fits no line above, or a ':' or '-' is missing";
    }
    if (problem.contains("',' or")) {
      return "a list or map in brackets is not closed, or a ',' is missing";
    }
    if (problem.contains("end of stream")) {
      return "the file ends inside a quoted value; a closing quote is missing";
    }
    return problem.replaceAll("'[^']{2,}'|\"[^\"]{2,}\"", "a word");
  }

  private static Position at(String file, String text, int index) {
    String before = text.substring(0, Math.clamp(index, 0, text.length()));
    int line = (int) before.chars().filter(c -> c == '\n').count();
    return new Position(file, line + 1, before.length() - before.lastIndexOf('\n'));
  }
}
