#!/usr/bin/env node
// Committed, so that the command can be linked before it is built.
import '../dist/rookery.js';
