/** The reader of the configuration file: YAML in, typed values and problems with positions out. */
@NullMarked
package dev.buildman.config;

import org.jspecify.annotations.NullMarked;
