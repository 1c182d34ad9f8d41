package dev.buildman.config;

/**
 * Where something stands in the configuration file.
 *
 * @param file the file as the person named it
 * @param line counted from 1; 0 when the whole file is meant
 * @param column counted from 1; 0 when the whole file is meant
 */
public record Position(String file, int line, int column) {

  /** The form that editors and terminals turn into a link: {@code config.yaml:12:5}. */
  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }
}
