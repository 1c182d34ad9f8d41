package dev.buildman.edge.agent;

import dev.buildman.session.CachedTags;
import dev.buildman.session.Heartbeats;
import dev.buildman.session.LogLines;
import dev.buildman.session.OpenStreams;
import dev.buildman.session.Phases;
import dev.buildman.session.Registrations;

/** What agents may do. */
public record AgentUseCases(
    Registrations registrations,
    Heartbeats heartbeats,
    Phases phases,
    LogLines logLines,
    CachedTags cachedTags,
    OpenStreams streams) {}
