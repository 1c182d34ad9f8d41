package dev.buildman;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Sets how much the program's own packages log. */
final class LogLevels {

  private LogLevels() {}

  static void set(Reloadable.Level level) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context
          .getLogger(LogLevels.class.getPackageName())
          .setLevel(ch.qos.logback.classic.Level.valueOf(level.name()));
    }
  }
}
