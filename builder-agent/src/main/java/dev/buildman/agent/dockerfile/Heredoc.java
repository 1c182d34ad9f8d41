package dev.buildman.agent.dockerfile;

/**
 * A here-document of RUN, COPY or ADD.
 *
 * @param name the delimiter without quotes; COPY and ADD create a file of this name
 * @param expand whether variables in the content are replaced (the delimiter was not quoted)
 * @param chomp whether leading tabs are cut from each line ({@code <<-})
 * @param content the lines as written, each with its newline
 */
public record Heredoc(String name, boolean expand, boolean chomp, String content) {

  /** The content with leading tabs cut where {@code <<-} asks for it. */
  public String text() {
    return chomp ? content.replaceAll("(?m)^\t+", "") : content;
  }

  Heredoc withContent(String text) {
    return new Heredoc(name, expand, chomp, text);
  }
}
