"""Words that presence challenges are made of, in Chinese and English.

Everyday words with one plain meaning. No word stands in two categories, and nothing depends on a picture, a colour
seen, a place or a calendar.
"""

from typing import NamedTuple


class Word(NamedTuple):
    """One word or sentence in both languages."""

    chinese: str
    english: str

    def said(self, english: bool) -> str:
        return self.english if english else self.chinese


class Category(NamedTuple):
    """Things of one kind; the name reads after "which of these is"."""

    name: Word
    words: tuple[Word, ...]


class Sequence(NamedTuple):
    """Things that come one after the other, and how to ask for the first and the last of four of them."""

    first: Word
    last: Word
    words: tuple[Word, ...]


def _words(*pairs: str) -> tuple[Word, ...]:
    return tuple(Word(*pair.split("=")) for pair in pairs)


NUMBERS = _words(
    "零=zero", "一=one", "二=two", "三=three", "四=four", "五=five", "六=six", "七=seven", "八=eight", "九=nine",
    "十=ten", "十一=eleven", "十二=twelve", "十三=thirteen", "十四=fourteen", "十五=fifteen", "十六=sixteen",
    "十七=seventeen", "十八=eighteen", "十九=nineteen", "二十=twenty", "二十一=twenty-one", "二十二=twenty-two",
)  # fmt: skip

DAYS = _words(
    "星期一=Monday", "星期二=Tuesday", "星期三=Wednesday", "星期四=Thursday", "星期五=Friday", "星期六=Saturday",
    "星期日=Sunday",
)  # fmt: skip

CATEGORIES = (
    Category(
        Word("水果", "a fruit"),
        _words("苹果=apple", "香蕉=banana", "梨=pear", "葡萄=grapes", "西瓜=watermelon", "桃子=peach", "草莓=strawberry"),
    ),
    Category(
        Word("动物", "an animal"),
        _words("猫=cat", "兔子=rabbit", "大象=elephant", "马=horse", "老虎=tiger", "绵羊=sheep", "猴子=monkey"),
    ),
    Category(
        Word("交通工具", "a vehicle"),
        _words("公共汽车=bus", "自行车=bicycle", "火车=train", "飞机=aeroplane", "轮船=ship", "地铁=underground train"),
    ),
    Category(
        Word("家具", "a piece of furniture"),
        _words("桌子=table", "椅子=chair", "床=bed", "沙发=sofa", "书柜=bookcase", "衣柜=wardrobe"),
    ),
    Category(
        Word("身体部位", "a part of the body"),
        _words("耳朵=ear", "鼻子=nose", "手指=finger", "膝盖=knee", "肩膀=shoulder", "脚=foot"),
    ),
    Category(
        Word("衣物", "something to wear"),
        _words("帽子=hat", "袜子=socks", "裤子=trousers", "外套=coat", "围巾=scarf", "手套=gloves"),
    ),
    Category(
        Word("餐具", "something to eat with or from"),
        _words("碗=bowl", "筷子=chopsticks", "勺子=spoon", "盘子=plate", "叉子=fork", "杯子=cup"),
    ),
    Category(
        Word("乐器", "a musical instrument"),
        _words("钢琴=piano", "小提琴=violin", "吉他=guitar", "笛子=flute", "二胡=erhu", "小号=trumpet"),
    ),
    Category(
        Word("颜色", "a colour"),
        _words("红色=red", "蓝色=blue", "绿色=green", "黄色=yellow", "紫色=purple", "白色=white"),
    ),
    Category(
        Word("职业", "an occupation"),
        _words("医生=doctor", "教师=teacher", "厨师=cook", "司机=driver", "护士=nurse", "农民=farmer"),
    ),
    Category(
        Word("天气现象", "a kind of weather"),
        _words("下雨=rain", "下雪=snow", "刮风=wind", "打雷=thunder", "起雾=fog", "下冰雹=hail"),
    ),
    Category(
        Word("花", "a flower"),
        _words("玫瑰=rose", "菊花=chrysanthemum", "荷花=lotus", "牡丹=peony", "百合=lily", "茉莉花=jasmine"),
    ),
)  # fmt: skip

_EARLIEST = Word("一天当中，哪件事最早？", "Which of these comes first in the day?")
_LATEST = Word("一天当中，哪件事最晚？", "Which of these comes last in the day?")
SEQUENCES = (
    Sequence(
        Word("托育园的一天里，哪件事最早？", "In a day at the nursery, which of these comes first?"),
        Word("托育园的一天里，哪件事最晚？", "In a day at the nursery, which of these comes last?"),
        _words(
            "早晨入园=arriving in the morning",
            "上午的户外活动=outdoor play before noon",
            "午餐=lunch",
            "午睡=the nap after lunch",
            "下午点心=the afternoon snack",
            "傍晚离园=going home in the evening",
        ),
    ),
    Sequence(
        _EARLIEST,
        _LATEST,
        _words(
            "清晨起床=getting up at dawn",
            "吃早饭=having breakfast",
            "吃午饭=having lunch",
            "吃晚饭=having supper",
            "夜里睡觉=sleeping at night",
        ),
    ),
    Sequence(
        Word("洗手时，哪一步在最前？", "When washing hands, which step comes first?"),
        Word("洗手时，哪一步在最后？", "When washing hands, which step comes last?"),
        _words(
            "把手淋湿=wetting the hands",
            "抹上洗手液=putting on soap",
            "搓洗双手=rubbing the hands",
            "冲掉泡沫=rinsing off the foam",
            "擦干双手=drying the hands",
        ),
    ),
    Sequence(
        Word("婴幼儿一般最先学会哪一项？", "Which of these do babies usually learn first?"),
        Word("婴幼儿一般最后学会哪一项？", "Which of these do babies usually learn last?"),
        _words("抬头=lifting the head", "独坐=sitting alone", "独走=walking alone", "双脚跳=jumping with both feet"),
    ),
    Sequence(
        Word("一年里，哪个月份最早？", "Which of these months comes first in the year?"),
        Word("一年里，哪个月份最晚？", "Which of these months comes last in the year?"),
        _words(
            "一月=January", "三月=March", "五月=May", "六月=June", "八月=August", "十月=October", "十二月=December"
        ),
    ),
    Sequence(
        Word("人的一生中，哪个阶段最早？", "Which of these comes first in a life?"),
        Word("人的一生中，哪个阶段最晚？", "Which of these comes last in a life?"),
        _words("婴儿=baby", "小学生=primary-school pupil", "大学生=university student", "退休老人=pensioner"),
    ),
)  # fmt: skip

OPPOSITES: tuple[tuple[Word, ...], ...] = (
    _words("大=big", "小=small"),
    _words("高=tall", "矮=short"),
    _words("热=hot", "冷=cold"),
    _words("快=fast", "慢=slow"),
    _words("新=new", "旧=old"),
    _words("早=early", "晚=late"),
    _words("胖=fat", "瘦=thin"),
    _words("轻=light", "重=heavy"),
    _words("开=open", "关=closed"),
    _words("干净=clean", "脏=dirty"),
    _words("安静=quiet", "吵闹=noisy"),
    _words("上=up", "下=down"),
    _words("里=inside", "外=outside"),
    _words("前=in front", "后=behind"),
    _words("硬=hard", "软=soft"),
    _words("干=dry", "湿=wet"),
)
