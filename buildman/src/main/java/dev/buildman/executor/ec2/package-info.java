/** Workers as instances of Amazon EC2, each booted for one build. */
@NullMarked
package dev.buildman.executor.ec2;

import org.jspecify.annotations.NullMarked;
