/** The vocabulary and the pure rules: ids, phases, reasons, what a build asks for, what ends it. */
@NullMarked
package dev.buildman.model;

import org.jspecify.annotations.NullMarked;
