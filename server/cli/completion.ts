/** `twostep completion SHELL`: a script by which the shell asks `twostep complete` what could stand here. The three scripts know nothing of our verbs. */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Without a suggestion of ours each shell offers files. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# twostep completion bash >> ~/.bashrc
_twostep() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(twostep complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _twostep twostep
`,
  zsh: `# twostep completion zsh >> ~/.zshrc, below compinit
_twostep() {
  local -a found
  found=("\${(@f)$(twostep complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _twostep twostep
`,
  fish: `# twostep completion fish > ~/.config/fish/completions/twostep.fish
function __twostep_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  twostep complete -- $words "$current" 2>/dev/null
end
complete -c twostep -a '(__twostep_complete)'
`,
};

/**
 * @param words of the command line after "twostep"; the last is the one under way, and may be empty
 * @param packs ids of the packs at hand, asked for only where one is expected
 * @returns what could take the place of the last word; nothing where a file or words of one's own are meant
 */
export async function complete(
  program: Command,
  words: readonly string[],
  packs: () => Promise<readonly string[]>,
): Promise<string[]> {
  const last = words.at(-1) ?? '';
  let command = program;
  let expected: Option | undefined;
  let given = 0;
  for (const word of words.slice(0, -1)) {
    if (expected) expected = undefined;
    else if (word.startsWith('-')) expected = takesValue(optionOf(command, word));
    else {
      const next = subcommands(command).find((one) => one.name() === word);
      if (next) [command, given] = [next, 0];
      else given += 1;
    }
  }
  const found = expected
    ? (expected.argChoices ?? (expected.attributeName() === 'pack' ? await packs() : []))
    : last.startsWith('-')
      ? optionsOf(command)
      : await argumentsOf(command, given, packs);
  return found.filter((word) => word.startsWith(last));
}

async function argumentsOf(command: Command, given: number, packs: () => Promise<readonly string[]>) {
  const argument = command.registeredArguments[given];
  if (!argument) return given === 0 ? subcommands(command).map((one) => one.name()) : [];
  if (argument.argChoices) return argument.argChoices;
  return command.parent?.name() === 'pack' ? packs() : [];
}

const subcommands = (command: Command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');

const optionsOf = (command: Command) =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => (long ? [long] : []));

const optionOf = (command: Command, word: string) =>
  command.options.find(({ long, short }) => word === long || word === short);

const takesValue = (option: Option | undefined) => (option?.required || option?.optional ? option : undefined);
