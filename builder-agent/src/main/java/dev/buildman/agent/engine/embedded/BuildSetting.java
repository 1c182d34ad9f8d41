package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.EngineLog;
import java.time.Instant;

/**
 * What is the same for all stages of one build.
 *
 * @param created the time that the image carries, in whole seconds
 * @param fileTime seconds since 1970: the age of files and folders that the Dockerfile itself makes
 */
record BuildSetting(
    BuildRequest request,
    BuildPlan plan,
    LayerStore store,
    EngineLog log,
    Instant created,
    long fileTime) {}
