"""The one exception a user is meant to read."""


class TopicbenchError(Exception):
    """Something the user can mend: a file, a key, a line, a value.

    The message names the culprit first, then what was expected, then what to do. Scripts print it without a
    traceback; every other exception is a defect of Topicbench and keeps its traceback.

    Args:
        culprit: the file, key, line or run that is wrong.
        problem: what is wrong with it.
        remedy: what to do about it; may be empty where the problem says it all.
    """

    def __init__(self, culprit: object, problem: str, remedy: str = "") -> None:
        self.culprit, self.problem, self.remedy = str(culprit), problem, remedy
        super().__init__(f"{culprit}: {problem}" + (f"\n  {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple:
        return (type(self), (self.culprit, self.problem, self.remedy))
