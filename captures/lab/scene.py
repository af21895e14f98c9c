"""The list of scenes. A scene gets a fresh lab and the paths of its captures, records them, and returns the truth."""


class Scene:
    def __init__(self, files, how, tap, run):
        self.files, self.how, self.tap, self.run = files, how, tap, run
        self.name = next(iter(files))


SCENES = []


class LeftOut(Exception):
    """Raised by a scene that this machine can't play; its reason is printed at the end."""


class Again(Exception):
    """Raised by a scene that went as it should but was not observed whole; it is played again."""


def scene(files, how, tap=False):
    """files: {name: what it shows}; how: the programs that talked."""
    def keep(run):
        SCENES.append(Scene(files, how, tap, run))
        return run
    return keep
