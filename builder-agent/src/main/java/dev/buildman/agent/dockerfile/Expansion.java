package dev.buildman.agent.dockerfile;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replaces variables and removes quotes and escapes in the words of an instruction: {@code $a},
 * {@code ${a}}, and with a colon (unset or empty) or without (unset) {@code ${a:-b}}, {@code
 * ${a:+b}}, {@code ${a:?b}}; {@code ${a#p}}, {@code ${a##p}}, {@code ${a%p}}, {@code ${a%%p}},
 * {@code ${a/p/r}}, {@code ${a//p/r}} with the patterns of a shell. A variable that is not set is
 * empty.
 */
public final class Expansion {

  private final char escape;
  private final Function<String, @Nullable String> variables;

  /**
   * @param escape the file's escape character
   * @param variables the value of a variable, null when it is not set
   */
  public Expansion(char escape, Function<String, @Nullable String> variables) {
    this.escape = escape;
    this.variables = variables;
  }

  /**
   * The word after replacement; blanks in it are kept.
   *
   * @throws DockerfileException naming the line, when quotes or braces do not match or a demanded
   *     variable is not set
   */
  public String word(String word, int line) throws DockerfileException {
    return scanner(word, line).rest();
  }

  /** The words after replacement: unquoted blanks split, also those that a variable brought. */
  public List<String> words(String text, int line) throws DockerfileException {
    return scanner(text, line).words();
  }

  /**
   * The text with variables replaced and everything else, quotes too, kept: the content of a
   * here-document.
   */
  public String text(String text, int line) throws DockerfileException {
    return scanner(text, line).withoutQuotes();
  }

  private WordScanner scanner(String text, int line) {
    return new WordScanner(text, line, escape, variables);
  }
}
