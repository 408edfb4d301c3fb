import { littleEndian, Tally } from '../../data/index.ts'
import {
  type Cleaning,
  cleanBlock,
  encodeBlock,
  openCleanedBlock,
  packParcel,
  readSelection,
  type Selection,
} from '../../data/prepare/index.ts'
import type { Tokenizer } from '../../tokenizers/index.ts'
import { fileFolder } from '../files.ts'
import { openTokenizer } from '../tokenizer-files.ts'
import { cleaningKey, cleaningOf } from './cleaning.ts'
import { type IdBlocks, openIdBlocks } from './id-blocks.ts'
import { type JudgeFiles, learnJudges, readJudges } from './judges.ts'
import type { CleanTask, DescribeTask, EncodeTask, LearnTask, PackTask, Task, TaskResult, WorkerData } from './tasks.ts'
import { documentsOf, sampleOf } from './units.ts'

/** Does the tasks of one worker, which remembers what it has opened. */
export function taskRunner(data: WorkerData): (task: Task) => Promise<TaskResult> {
  const work = fileFolder(data.folder)
  const validation = { fraction: data.recipe.validation ?? 0.01, seed: data.recipe.seed ?? 1 }
  let cleaning: Promise<Cleaning> | undefined
  let tokenizer: { file: string; made: Promise<Tokenizer> } | undefined
  let idBlocks: IdBlocks | undefined
  let selection: { file: string; read: Promise<Selection> } | undefined

  /** Filters and hashers, when they are needed first. */
  function opened(files: JudgeFiles): Promise<Cleaning> {
    cleaning ??= readJudges(work, files).then((judges) => cleaningOf(data.recipe, judges))
    return cleaning
  }

  async function learn({ inputs }: LearnTask): Promise<TaskResult> {
    return { number: 0, judges: await learnJudges(data.recipe, work, () => sampleOf(inputs, data)) }
  }

  async function describe({ judges }: DescribeTask): Promise<TaskResult> {
    return { number: 0, description: JSON.stringify(cleaningKey(await opened(judges), data.recipe)) }
  }

  async function clean({ number, judges, unit, block }: CleanTask): Promise<TaskResult> {
    const tally = new Tally('read')
    const documents = documentsOf(unit, tally, data)
    const summary = await cleanBlock(documents, await opened(judges), () => tally.report(), {
      folder: work,
      name: block,
    })
    return { number, summary }
  }

  async function encode(task: EncodeTask): Promise<TaskResult> {
    if (tokenizer?.file !== task.tokenizer) tokenizer = { file: task.tokenizer, made: openTokenizer(task.tokenizer) }
    if (selection?.file !== task.selection) {
      selection = { file: task.selection, read: readSelection(work, task.selection) }
    }
    await encodeBlock(
      await openCleanedBlock(work, task.cleaned),
      { selection: await selection.read, first: task.first },
      { folder: work, name: task.block },
      { tokenizer: await tokenizer.made, sources: task.sources, validation },
    )
    return { number: task.number }
  }

  async function pack({ number, parcel, pack, blocks, tokenBytes, output, file }: PackTask): Promise<TaskResult> {
    if (idBlocks === undefined) idBlocks = await openIdBlocks(data.folder, blocks)
    const { ids, filler } = packParcel(parcel, idBlocks.read, pack)
    const own = tokenBytes === 2 ? new Uint16Array(ids) : ids
    await fileFolder(output).write(file, littleEndian(own))
    return { number, tokens: ids.length, filler }
  }

  return (task) => {
    switch (task.kind) {
      case 'learn':
        return learn(task)
      case 'describe':
        return describe(task)
      case 'clean':
        return clean(task)
      case 'encode':
        return encode(task)
      case 'pack':
        return pack(task)
    }
  }
}
