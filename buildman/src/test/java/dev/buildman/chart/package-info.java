/** The Helm chart, rendered and read as a cluster would. */
@NullMarked
package dev.buildman.chart;

import org.jspecify.annotations.NullMarked;
