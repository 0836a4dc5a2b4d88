/**
 * Checks the types of every folder under its own tsconfig.json, in one process: sources and libraries are parsed once for
 * all folders, and each file is checked once, by its own folder. Run by check.mjs; prints faults and ends with 1 if there are any.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './paths.mjs';

/** Shared by all programs: what a file holds depends on its name and on how it is to be read, not on the folder that asks. */
const parsed = new Map();

const faults = findProjects(ROOT).flatMap(checkProject);
const host = {
  getCurrentDirectory: () => ROOT,
  getCanonicalFileName: (/** @type {string} */ name) => name,
  getNewLine: () => '\n',
};
const unique = ts.sortAndDeduplicateDiagnostics(faults);
if (unique.length > 0) {
  const colour = process.env['FORCE_COLOR'] === '1';
  process.stdout.write((colour ? ts.formatDiagnosticsWithColorAndContext : ts.formatDiagnostics)(unique, host));
  process.exitCode = 1;
}

/** @param {string} path of a tsconfig.json @returns {readonly ts.Diagnostic[]} */
function checkProject(path) {
  /** @type {ts.Diagnostic[]} */
  const found = [];
  const config = ts.getParsedCommandLineOfConfigFile(
    path,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => found.push(fault) },
  );
  if (!config) return found;
  const program = ts.createProgram({
    rootNames: config.fileNames,
    options: config.options,
    host: createHost(config.options),
    configFileParsingDiagnostics: config.errors,
  });
  found.push(
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
  );
  for (const name of config.fileNames) {
    const file = program.getSourceFile(name);
    if (file) found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
  }
  return found;
}

/** @param {ts.CompilerOptions} options @returns {ts.CompilerHost} */
function createHost(options) {
  const plain = ts.createCompilerHost(options);
  return {
    ...plain,
    getSourceFile(name, how, ...rest) {
      const { languageVersion, impliedNodeFormat } =
        typeof how === 'object' ? how : { languageVersion: how, impliedNodeFormat: 0 };
      const key = `${name} ${languageVersion} ${impliedNodeFormat}`;
      if (!parsed.has(key)) parsed.set(key, plain.getSourceFile(name, how, ...rest));
      return parsed.get(key);
    },
  };
}

/** @param {string} folder @returns {string[]} every tsconfig.json below, but not the one that the others extend */
function findProjects(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(\.|node_modules$|dist$)/.test(entry.name) ? [] : findProjects(path);
    return entry.name === 'tsconfig.json' && folder !== ROOT ? [path] : [];
  });
}
