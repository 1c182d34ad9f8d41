/** The same Dockerfiles through every engine, compared file by file. */
@NullMarked
package dev.buildman.agent.engine.matrix;

import org.jspecify.annotations.NullMarked;
